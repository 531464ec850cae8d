// Expands paths as Flume's sinks do: a line of JSON in, a line of JSON out.
//   in:  {"path": "/logs/%Y", "headers": {…}, "timeZone": "UTC", "unit": "minute" or "", "value": 10}
//   out: {"text": "/logs/2025"} or {"error": "…"}
import com.google.gson.Gson;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.Calendar;
import java.util.Collections;
import java.util.Map;
import java.util.TimeZone;
import org.apache.flume.formatter.output.BucketPath;

public final class ExpandPaths {
  static final class Question {
    String path;
    Map<String, String> headers;
    String timeZone;
    String unit;
    int value;
  }

  public static void main(String[] args) throws Exception {
    Gson gson = new Gson();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    PrintStream out = new PrintStream(System.out, false, "UTF-8");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Question question = gson.fromJson(line, Question.class);
      int unit =
          question.unit.equals("hour")
              ? Calendar.HOUR_OF_DAY
              : question.unit.equals("minute") ? Calendar.MINUTE : Calendar.SECOND;
      Map<String, String> answer;
      try {
        TimeZone zone = TimeZone.getTimeZone(question.timeZone);
        boolean rounds = !question.unit.isEmpty();
        String text =
            BucketPath.escapeString(question.path, question.headers, zone, rounds, unit, question.value, false);
        answer = Collections.singletonMap("text", text);
      } catch (RuntimeException error) {
        answer = Collections.singletonMap("error", String.valueOf(error.getMessage()));
      }
      out.println(gson.toJson(answer));
    }
    out.flush();
  }
}
