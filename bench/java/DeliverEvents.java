// The Java peers: delivers events in batches by libthrift's own client or by Flume's SDK, and reports milliseconds and CPU.
// Arguments: libthrift or sdk, port, events, batch size, bytes of a body. With a sixth, `fresh`, each event is made in the
// loop, its body a text joined of parts, as programs/meter.mjs does. libthrift has its fastest framed transport.
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.IntFunction;
import org.apache.flume.Event;
import org.apache.flume.api.RpcClient;
import org.apache.flume.api.RpcClientFactory;
import org.apache.flume.event.EventBuilder;
import org.apache.flume.thrift.Status;
import org.apache.flume.thrift.ThriftFlumeEvent;
import org.apache.flume.thrift.ThriftSourceProtocol;
import org.apache.thrift.protocol.TCompactProtocol;
import org.apache.thrift.transport.TSocket;
import org.apache.thrift.transport.layered.TFastFramedTransport;

public final class DeliverEvents {
  private static final int POOL = 1000;
  private static final int MAX_FRAME = 16_384_000;
  private static final String FILLER =
      "user-agent=Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0 referer=/checkout/basket";

  /** Sends the events of the numbers from one up to another. */
  private interface Sender {
    void send(int from, int to) throws Exception;
  }

  /** The events of the numbers from one up to another. */
  private interface Events<E> {
    List<E> between(int from, int to);
  }

  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[1]);
    int events = Integer.parseInt(args[2]);
    int batch = Integer.parseInt(args[3]);
    int bodyBytes = Integer.parseInt(args[4]);
    boolean fresh = args.length > 5 && args[5].equals("fresh");
    IntFunction<byte[]> body = fresh ? DeliverEvents::text : n -> body(n, bodyBytes);
    Sender sender = args[0].equals("sdk") ? sdk(port, batch, body, fresh) : libthrift(port, body, fresh);
    // The virtual machine compiles while it runs: a peer at its best has run for a while, and its loops to their ends.
    for (int part = 0; part < 5; part++) deliver(sender, events / 10, batch);
    com.sun.management.OperatingSystemMXBean system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = system.getProcessCpuTime();
    long start = System.nanoTime();
    deliver(sender, events, batch);
    double ms = (System.nanoTime() - start) / 1e6;
    double cpuMs = (system.getProcessCpuTime() - cpu) / 1e6;
    System.out.println("{\"events\":" + events + ",\"ms\":" + ms + ",\"cpuMs\":" + cpuMs + "}");
    System.exit(0);
  }

  private static void deliver(Sender sender, int events, int batch) throws Exception {
    for (int sent = 0; sent < events; sent += batch) sender.send(sent, sent + batch);
  }

  private static Sender libthrift(int port, IntFunction<byte[]> body, boolean fresh) throws Exception {
    TFastFramedTransport transport = new TFastFramedTransport(new TSocket("127.0.0.1", port), 1 << 19, MAX_FRAME);
    transport.open();
    ThriftSourceProtocol.Client client = new ThriftSourceProtocol.Client(new TCompactProtocol(transport));
    Events<ThriftFlumeEvent> events =
        events(n -> new ThriftFlumeEvent(headers(n), ByteBuffer.wrap(body.apply(n))), fresh);
    return (from, to) -> {
      if (client.appendBatch(events.between(from, to)) != Status.OK) throw new IllegalStateException("not OK");
    };
  }

  private static Sender sdk(int port, int batch, IntFunction<byte[]> body, boolean fresh) throws Exception {
    Properties properties = new Properties();
    properties.setProperty("hosts", "h1");
    properties.setProperty("hosts.h1", "127.0.0.1:" + port);
    properties.setProperty("batch-size", String.valueOf(batch));
    RpcClient client = RpcClientFactory.getThriftInstance(properties);
    Events<Event> events = events(n -> EventBuilder.withBody(body.apply(n), headers(n)), fresh);
    return (from, to) -> client.appendBatch(events.between(from, to));
  }

  /** Made anew for each call, or once, and then sent in turn. */
  private static <E> Events<E> events(IntFunction<E> made, boolean fresh) {
    if (fresh) {
      return (from, to) -> {
        List<E> events = new ArrayList<>(to - from);
        for (int n = from; n < to; n++) events.add(made.apply(n));
        return events;
      };
    }
    List<E> pool = new ArrayList<>();
    for (int n = 0; n < POOL; n++) pool.add(made.apply(n));
    return (from, to) -> pool.subList(from % POOL, from % POOL + to - from);
  }

  private static Map<String, String> headers(int n) {
    Map<String, String> headers = new HashMap<>();
    headers.put("host", "web-1.example.org");
    headers.put("timestamp", String.valueOf(1_731_234_567_000L + n));
    headers.put("level", "info");
    headers.put("app", "checkout");
    return headers;
  }

  private static byte[] text(int n) {
    String text =
        "request " + n + " completed: method=GET url=/api/items/" + n % 1_000 + " status=200 ms=" + n % 97 + " " + FILLER;
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] body(int n, int bytes) {
    StringBuilder body = new StringBuilder("event ").append(n).append(' ');
    while (body.length() < bytes) body.append('x');
    body.setLength(bytes);
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }
}
