// What one server received, kept until it is asked for.
import java.io.UnsupportedEncodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flume.thrift.ThriftFlumeEvent;

final class Recorder {
  private final List<String> calls = new ArrayList<String>();

  synchronized void record(String method, List<ThriftFlumeEvent> events) {
    StringBuilder json = new StringBuilder("{\"method\":\"").append(method).append("\",\"events\":[");
    for (ThriftFlumeEvent event : events) {
      separate(json).append("{\"headers\":[");
      for (Map.Entry<String, String> header : event.getHeaders().entrySet()) {
        separate(json).append('[').append(hex(utf8(header.getKey())));
        json.append(',').append(hex(utf8(header.getValue()))).append(']');
      }
      json.append("],\"body\":").append(hex(event.getBody())).append('}');
    }
    calls.add(json.append("]}").toString());
  }

  /** The calls since the last time, as JSON: names, values and bodies as the hex of their bytes. */
  synchronized String take() {
    StringBuilder json = new StringBuilder("[");
    for (String call : calls) separate(json).append(call);
    calls.clear();
    return json.append(']').toString();
  }

  private static StringBuilder separate(StringBuilder json) {
    return json.charAt(json.length() - 1) == '[' ? json : json.append(',');
  }

  private static byte[] utf8(String text) {
    try {
      return text.getBytes("UTF-8");
    } catch (UnsupportedEncodingException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static String hex(byte[] bytes) {
    StringBuilder text = new StringBuilder(2 * bytes.length + 2).append('"');
    for (byte value : bytes) {
      text.append(Character.forDigit((value >> 4) & 15, 16)).append(Character.forDigit(value & 15, 16));
    }
    return text.append('"').toString();
  }
}
