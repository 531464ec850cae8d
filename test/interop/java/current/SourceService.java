// Flume's service for libthrift 0.21 and later: the service code of the Thrift compiler 0.17 does not compile with those,
// its structs do. So the event is read by generated code, and only the call around it is read and answered here.
import java.util.ArrayList;
import java.util.List;
import org.apache.flume.thrift.Status;
import org.apache.flume.thrift.ThriftFlumeEvent;
import org.apache.thrift.TException;
import org.apache.thrift.TProcessor;
import org.apache.thrift.protocol.TField;
import org.apache.thrift.protocol.TList;
import org.apache.thrift.protocol.TMessage;
import org.apache.thrift.protocol.TMessageType;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TProtocolUtil;
import org.apache.thrift.protocol.TStruct;
import org.apache.thrift.protocol.TType;

final class SourceService {
  static TProcessor processor(Recorder recorder) {
    return (in, out) -> {
      TMessage call = in.readMessageBegin();
      List<ThriftFlumeEvent> events = readArguments(in);
      in.readMessageEnd();
      recorder.record(call.name, events);
      reply(call, out);
    };
  }

  /** append(1: ThriftFlumeEvent event) or appendBatch(1: list<ThriftFlumeEvent> events). */
  private static List<ThriftFlumeEvent> readArguments(TProtocol in) throws TException {
    List<ThriftFlumeEvent> events = new ArrayList<>();
    in.readStructBegin();
    for (TField field = in.readFieldBegin(); field.type != TType.STOP; field = in.readFieldBegin()) {
      if (field.id == 1 && field.type == TType.STRUCT) {
        events.add(readEvent(in));
      } else if (field.id == 1 && field.type == TType.LIST) {
        TList list = in.readListBegin();
        for (int i = 0; i < list.size; i++) events.add(readEvent(in));
        in.readListEnd();
      } else {
        TProtocolUtil.skip(in, field.type);
      }
      in.readFieldEnd();
    }
    in.readStructEnd();
    return events;
  }

  private static ThriftFlumeEvent readEvent(TProtocol in) throws TException {
    ThriftFlumeEvent event = new ThriftFlumeEvent();
    event.read(in);
    return event;
  }

  /** struct { 0: Status success } */
  private static void reply(TMessage call, TProtocol out) throws TException {
    out.writeMessageBegin(new TMessage(call.name, TMessageType.REPLY, call.seqid));
    out.writeStructBegin(new TStruct("result"));
    out.writeFieldBegin(new TField("success", TType.I32, (short) 0));
    out.writeI32(Status.OK.getValue());
    out.writeFieldEnd();
    out.writeFieldStop();
    out.writeStructEnd();
    out.writeMessageEnd();
    out.getTransport().flush();
  }
}
