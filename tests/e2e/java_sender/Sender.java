import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.LongUpDownCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Sends metrics with the OpenTelemetry SDK for Java. usage: Sender gauge|counter|load NAME [KEY=VALUE...]
 *
 * <p>Where it sends, how and how often comes from the standard OTEL_* environment alone; what it sends comes from
 * standard input. README.md beside this folder has the commands, and what it says at its end.
 */
public final class Sender {
  private static final long TICK_MILLISECONDS = 10;

  private volatile Double value;
  private volatile double rate;

  private void obey(String line) {
    String[] words = line.trim().split("\\s+");
    if (words.length != 2) throw new IllegalArgumentException("not a command: " + line);
    double number = Double.parseDouble(words[1]);
    switch (words[0]) {
      case "set" -> value = number;
      case "rate" -> rate = number;
      default -> throw new IllegalArgumentException("not a command: " + line);
    }
  }

  private void gauge(Meter meter, String name, Attributes attributes) {
    meter.gaugeBuilder(name).buildWithCallback(result -> {
      Double now = value;
      if (now != null) result.record(now, attributes);
    });
  }

  private void counter(Meter meter, String name, Attributes attributes) {
    LongCounter counter = meter.counterBuilder(name).build();
    double[] owed = {0};
    long[] last = {System.nanoTime()};
    everyTick(() -> {
      long now = System.nanoTime();
      owed[0] += rate * (now - last[0]) / 1e9;
      last[0] = now;
      if (owed[0] >= 1) counter.add((long) owed[0], attributes);
      owed[0] -= Math.floor(owed[0]);
    });
  }

  private static void load(Meter meter, String name, int series) {
    LongCounter counter = meter.counterBuilder(name + ".counter").build();
    LongUpDownCounter level = meter.upDownCounterBuilder(name + ".level").build();
    DoubleHistogram histogram = meter.histogramBuilder(name + ".histogram").build();
    int[] round = {0};
    everyTick(() -> {
      ++round[0];
      for (int n = 0; n < series; ++n) {
        Attributes attributes = Attributes.builder().put("n", n).build();
        counter.add(1, attributes);
        level.add(n % 2 == 0 ? -1 : 1, attributes);
        histogram.record(round[0] % 1000 + n, attributes);
      }
    });
  }

  private static void everyTick(Runnable work) {
    Thread thread = new Thread(() -> {
      for (;;) {
        work.run();
        try {
          TimeUnit.MILLISECONDS.sleep(TICK_MILLISECONDS);
        } catch (InterruptedException stopped) {
          return;
        }
      }
    });
    thread.setDaemon(true);
    thread.start();
  }

  private void start(String kind, Meter meter, String name, Map<String, String> pairs) {
    AttributesBuilder attributes = Attributes.builder();
    pairs.forEach(attributes::put);
    switch (kind) {
      case "gauge" -> gauge(meter, name, attributes.build());
      case "counter" -> counter(meter, name, attributes.build());
      case "load" -> load(meter, name, Integer.parseInt(pairs.get("series")));
      default -> throw new IllegalArgumentException("neither gauge, counter nor load: " + kind);
    }
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 2) {
      System.err.println("usage: Sender gauge|counter|load NAME [KEY=VALUE...]");
      System.exit(1);
    }
    Map<String, String> pairs = new java.util.TreeMap<>();
    for (int i = 2; i < arguments.length; ++i) {
      String[] pair = arguments[i].split("=", 2);
      pairs.put(pair[0], pair[1]);
    }
    Counts counts = new Counts();
    var sdk = AutoConfiguredOpenTelemetrySdk.builder()
        .disableShutdownHook()
        .addPropertiesSupplier(() -> Map.of("otel.traces.exporter", "none", "otel.logs.exporter", "none"))
        .addMetricExporterCustomizer((exporter, config) -> counts.of(exporter))
        .build().getOpenTelemetrySdk();
    Sender sender = new Sender();
    sender.start(arguments[0], sdk.getMeter("tidewheel.e2e"), arguments[1], pairs);
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
    for (String line = input.readLine(); line != null; line = input.readLine()) sender.obey(line);
    sdk.getSdkMeterProvider().shutdown().join(1, TimeUnit.MINUTES);
    System.out.println(counts);
    System.exit(0);
  }
}
