// A Thrift source that throws everything away: the server that Flume's source uses, without Flume behind it. Prints its
// port and ends when stdin does.
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.apache.flume.thrift.Status;
import org.apache.flume.thrift.ThriftFlumeEvent;
import org.apache.flume.thrift.ThriftSourceProtocol;
import org.apache.thrift.protocol.TCompactProtocol;
import org.apache.thrift.server.TThreadedSelectorServer;
import org.apache.thrift.transport.TNonblockingServerSocket;
import org.apache.thrift.transport.layered.TFramedTransport;

public final class DiscardServer implements ThriftSourceProtocol.Iface {
  public static void main(String[] args) throws Exception {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    TNonblockingServerSocket socket = new TNonblockingServerSocket(address);
    TThreadedSelectorServer server =
        new TThreadedSelectorServer(
            new TThreadedSelectorServer.Args(socket)
                .protocolFactory(new TCompactProtocol.Factory())
                .transportFactory(new TFramedTransport.Factory())
                .processor(new ThriftSourceProtocol.Processor<DiscardServer>(new DiscardServer())));
    Thread thread = new Thread(server::serve);
    thread.setDaemon(true);
    thread.start();
    System.out.println(socket.getPort());
    while (System.in.read() != -1) {}
    System.exit(0);
  }

  @Override
  public Status append(ThriftFlumeEvent event) {
    return Status.OK;
  }

  @Override
  public Status appendBatch(List<ThriftFlumeEvent> events) {
    return Status.OK;
  }
}
