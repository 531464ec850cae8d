// A test as somebody writes it in Java: logs to a development agent through Flume's own client, and looks at what came.
// Arguments: the port of the agent, the port of its control API.
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import org.apache.flume.Event;
import org.apache.flume.EventDeliveryException;
import org.apache.flume.api.RpcClient;
import org.apache.flume.api.RpcClientFactory;
import org.apache.flume.event.EventBuilder;

public final class LookAtEvents {
  static final HttpClient http = HttpClient.newHttpClient();

  static JsonObject call(String method, String url, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .header("content-type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    check(response.statusCode() == 200, response.body());
    return JsonParser.parseString(response.body()).getAsJsonObject();
  }

  static void check(boolean holds, Object what) {
    if (!holds) throw new AssertionError(what);
  }

  static Event event(String level, String body) {
    return EventBuilder.withBody(body, StandardCharsets.UTF_8, Map.of("level", level));
  }

  public static void main(String[] args) throws Exception {
    String api = "http://127.0.0.1:" + args[1] + "/api";
    Properties properties = new Properties();
    properties.setProperty("hosts", "h1");
    properties.setProperty("hosts.h1", "127.0.0.1:" + args[0]);
    RpcClient client = RpcClientFactory.getThriftInstance(properties);
    try {
      call("POST", api + "/script", "[\"failed\"]");
      boolean failed = false;
      try {
        client.append(event("info", "refused"));
      } catch (EventDeliveryException expected) {
        failed = true;
      }
      check(failed, "the scripted FAILED");
      client.append(event("info", "order placed"));
      client.appendBatch(Arrays.asList(event("error", "card declined: 🐟"), event("warn", "slow")));

      JsonArray events = call("GET", api + "/events?level=error&text=declined", "").getAsJsonArray("events");
      check(events.size() == 1, events);
      JsonObject found = events.get(0).getAsJsonObject();
      check(found.get("body").getAsString().equals("card declined: 🐟"), found);
      check(found.getAsJsonObject("headers").get("level").getAsString().equals("error"), found);
      JsonObject stats = call("GET", api + "/stats", "");
      check(stats.get("accepted").getAsInt() == 3, stats);
    } finally {
      client.close();
    }
  }
}
