// Flume's own Java client as a peer: sends numbered events in batches to a Thrift source, and reports as JSON lines.
// Compiled and run by java-client.ts; keeps to what Flume 1.7 and Java 8 know.
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.flume.Event;
import org.apache.flume.api.RpcClient;
import org.apache.flume.api.RpcClientFactory;
import org.apache.flume.api.SecureRpcClientFactory;
import org.apache.flume.event.EventBuilder;

public final class SendEvents {
  /** Arguments: events, events per batch, bytes per body, then name=value properties of Flume's client. */
  public static void main(String[] args) throws Exception {
    int count = Integer.parseInt(args[0]);
    int batchSize = Integer.parseInt(args[1]);
    int bodyBytes = Integer.parseInt(args[2]);
    Properties properties = new Properties();
    for (int i = 3; i < args.length; i++) {
      int equals = args[i].indexOf('=');
      properties.setProperty(args[i].substring(0, equals), args[i].substring(equals + 1));
    }
    RpcClient client =
        properties.containsKey("kerberos")
            ? SecureRpcClientFactory.getThriftInstance(properties)
            : RpcClientFactory.getThriftInstance(properties);
    try {
      long start = System.nanoTime();
      List<Event> batch = new ArrayList<Event>(batchSize);
      for (int n = 0; n < count; n++) {
        batch.add(event(n, bodyBytes));
        if (batch.size() == batchSize || n == count - 1) {
          // One event, also the last of all, goes as append, as an application's own call would.
          if (batch.size() == 1) client.append(batch.get(0));
          else client.appendBatch(batch);
          batch.clear();
        }
      }
      System.out.println("{\"sent\":" + count + ",\"elapsedMs\":" + (System.nanoTime() - start) / 1e6 + "}");
    } finally {
      client.close();
    }
  }

  /** Header n is the event's number; the body is its text, filled up with dots. */
  private static Event event(int n, int bodyBytes) throws Exception {
    Map<String, String> headers = new HashMap<String, String>();
    headers.put("n", String.valueOf(n));
    headers.put("client", "java");
    headers.put("unicode", "\u00e9 \u20ac \ud83d\ude00");
    StringBuilder body = new StringBuilder("event ").append(n);
    while (body.length() < bodyBytes) body.append('.');
    return EventBuilder.withBody(body.toString().getBytes("UTF-8"), headers);
  }
}
