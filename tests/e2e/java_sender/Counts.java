import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** How many points an exporter sent, by how its exports ended. Thread-safe. */
final class Counts {
  private final AtomicLong exported = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  /** The same exporter, counted. */
  MetricExporter of(MetricExporter exporter) {
    return new Counted(exporter);
  }

  @Override
  public String toString() {
    return String.format("{\"exported\":%d,\"failed\":%d}", exported.get(), failed.get());
  }

  private final class Counted implements MetricExporter {
    private final MetricExporter exporter;
    private final Set<CompletableResultCode> underWay = ConcurrentHashMap.newKeySet();

    Counted(MetricExporter exporter) {
      this.exporter = exporter;
    }

    @Override
    public CompletableResultCode export(Collection<MetricData> metrics) {
      long points = metrics.stream().mapToLong(metric -> metric.getData().getPoints().size()).sum();
      CompletableResultCode result = exporter.export(metrics);
      underWay.add(result);
      return result.whenComplete(() -> {
        (result.isSuccess() ? exported : failed).addAndGet(points);
        underWay.remove(result);
      });
    }

    @Override
    public CompletableResultCode flush() {
      return exporter.flush();
    }

    // The exporter's end would cut exports short that are under way: then nobody would know what became of them.
    @Override
    public CompletableResultCode shutdown() {
      CompletableResultCode.ofAll(underWay).join(1, TimeUnit.MINUTES);
      return exporter.shutdown();
    }

    @Override
    public AggregationTemporality getAggregationTemporality(InstrumentType instrument) {
      return exporter.getAggregationTemporality(instrument);
    }

    @Override
    public Aggregation getDefaultAggregation(InstrumentType instrument) {
      return exporter.getDefaultAggregation(instrument);
    }
  }
}
