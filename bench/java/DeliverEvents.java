// The Java peers: delivers events in batches by libthrift's own client or by Flume's SDK, and reports milliseconds and CPU.
// Arguments: libthrift or sdk, port, events, batch size, bytes of a body.
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.flume.Event;
import org.apache.flume.api.RpcClient;
import org.apache.flume.api.RpcClientFactory;
import org.apache.flume.event.EventBuilder;
import org.apache.flume.thrift.Status;
import org.apache.flume.thrift.ThriftFlumeEvent;
import org.apache.flume.thrift.ThriftSourceProtocol;
import org.apache.thrift.protocol.TCompactProtocol;
import org.apache.thrift.transport.TSocket;
import org.apache.thrift.transport.layered.TFramedTransport;

public final class DeliverEvents {
  private static final int POOL = 1000;

  private interface Sender {
    /** Sends the events of the pool from one index up to another. */
    void send(int from, int to) throws Exception;
  }

  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[1]);
    int events = Integer.parseInt(args[2]);
    int batch = Integer.parseInt(args[3]);
    int bodyBytes = Integer.parseInt(args[4]);
    Sender sender = args[0].equals("sdk") ? sdk(port, batch, bodyBytes) : libthrift(port, bodyBytes);
    // The virtual machine compiles while it runs: a peer at its best has run for a while, and its loops to their ends.
    for (int part = 0; part < 5; part++) deliver(sender, Math.max(events / 10, 100_000), batch);
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
    for (int sent = 0; sent < events; sent += batch) sender.send(sent % POOL, sent % POOL + batch);
  }

  private static Sender libthrift(int port, int bodyBytes) throws Exception {
    TFramedTransport transport = new TFramedTransport(new TSocket("127.0.0.1", port));
    transport.open();
    ThriftSourceProtocol.Client client = new ThriftSourceProtocol.Client(new TCompactProtocol(transport));
    List<ThriftFlumeEvent> pool = new ArrayList<>();
    for (int n = 0; n < POOL; n++) {
      pool.add(new ThriftFlumeEvent(headers(n), java.nio.ByteBuffer.wrap(body(n, bodyBytes))));
    }
    return (from, to) -> {
      if (client.appendBatch(pool.subList(from, to)) != Status.OK) throw new IllegalStateException("not OK");
    };
  }

  private static Sender sdk(int port, int batch, int bodyBytes) throws Exception {
    Properties properties = new Properties();
    properties.setProperty("hosts", "h1");
    properties.setProperty("hosts.h1", "127.0.0.1:" + port);
    properties.setProperty("batch-size", String.valueOf(batch));
    RpcClient client = RpcClientFactory.getThriftInstance(properties);
    List<Event> pool = new ArrayList<>();
    for (int n = 0; n < POOL; n++) pool.add(EventBuilder.withBody(body(n, bodyBytes), headers(n)));
    return (from, to) -> client.appendBatch(pool.subList(from, to));
  }

  private static Map<String, String> headers(int n) {
    Map<String, String> headers = new HashMap<>();
    headers.put("host", "web-1.example.org");
    headers.put("timestamp", String.valueOf(1_731_234_567_000L + n));
    headers.put("level", "info");
    headers.put("app", "checkout");
    return headers;
  }

  private static byte[] body(int n, int bytes) throws Exception {
    StringBuilder body = new StringBuilder("event ").append(n).append(' ');
    while (body.length() < bytes) body.append('x');
    body.setLength(bytes);
    return body.toString().getBytes("UTF-8");
  }
}
