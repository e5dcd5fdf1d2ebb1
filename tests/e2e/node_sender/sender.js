// Sends metrics with the OpenTelemetry SDK for Node.js. usage: sender.js gauge|counter|load NAME [KEY=VALUE...]
// Where it sends, how and how often comes from the standard OTEL_* environment alone; what it sends comes from standard
// input. README.md beside this folder has the commands, and what it says at its end.
"use strict";

const readline = require("node:readline");
const { metrics } = require("@opentelemetry/api");
const { AggregationType, MeterProvider, PeriodicExportingMetricReader } = require("@opentelemetry/sdk-metrics");

const TICK_MILLISECONDS = 10;
const EXPORTERS = {
  grpc: "@opentelemetry/exporter-metrics-otlp-grpc",
  "http/protobuf": "@opentelemetry/exporter-metrics-otlp-proto",
  "http/json": "@opentelemetry/exporter-metrics-otlp-http",
};

// The SDK has no automatic set-up for these two variables without its whole distribution.
function exporterOptions() {
  const exponential = process.env.OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION ===
    "base2_exponential_bucket_histogram";
  if (!exponential) return {};
  return {
    aggregationPreference: (instrument) =>
      ({ type: instrument === "HISTOGRAM" ? AggregationType.EXPONENTIAL_HISTOGRAM : AggregationType.DEFAULT }),
  };
}

function exporter() {
  const { OTLPMetricExporter } = require(EXPORTERS[process.env.OTEL_EXPORTER_OTLP_PROTOCOL ?? "http/protobuf"]);
  return new OTLPMetricExporter(exporterOptions());
}

// Counts what another exporter sends, by how its exports end.
function counted(exporter, counts) {
  const send = exporter.export.bind(exporter);
  exporter.export = (batch, done) => {
    const points = batch.scopeMetrics.flatMap((scope) => scope.metrics)
      .reduce((sum, metric) => sum + metric.dataPoints.length, 0);
    send(batch, (result) => {
      counts[result.code === 0 ? "exported" : "failed"] += points;
      done(result);
    });
  };
  return exporter;
}

class Commands {
  value = null;
  rate = 0;

  obey(line) {
    const [command, number, ...more] = line.trim().split(/\s+/);
    if (!["set", "rate"].includes(command) || more.length || !Number.isFinite(parseFloat(number))) {
      throw new Error(`not a command: ${line}`);
    }
    if (command === "set") this.value = parseFloat(number);
    else this.rate = parseFloat(number);
  }

  gauge(name, meter, attributes) {
    meter.createObservableGauge(name).addCallback((result) => {
      if (this.value !== null) result.observe(this.value, attributes);
    });
  }

  counter(name, meter, attributes) {
    const counter = meter.createCounter(name);
    let owed = 0;
    let last = performance.now();
    return setInterval(() => {
      const now = performance.now();
      owed += this.rate * (now - last) / 1000;
      last = now;
      if (owed >= 1) counter.add(Math.floor(owed), attributes);
      owed -= Math.floor(owed);
    }, TICK_MILLISECONDS);
  }

  load(name, meter, { series }) {
    const counter = meter.createCounter(`${name}.counter`);
    const level = meter.createUpDownCounter(`${name}.level`);
    const histogram = meter.createHistogram(`${name}.histogram`);
    let round = 0;
    return setInterval(() => {
      ++round;
      for (let n = 0; n < Number(series); ++n) {
        counter.add(1, { n });
        level.add(n % 2 ? 1 : -1, { n });
        histogram.record(round % 1000 + n, { n });
      }
    }, TICK_MILLISECONDS);
  }
}

async function main([kind, name, ...pairs]) {
  if (!["gauge", "counter", "load"].includes(kind) || !name) {
    throw new Error("usage: sender.js gauge|counter|load NAME [KEY=VALUE...]");
  }
  const attributes = Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
  const counts = { exported: 0, failed: 0 };
  const interval = Number(process.env.OTEL_METRIC_EXPORT_INTERVAL ?? 60000);
  const reader = new PeriodicExportingMetricReader({
    exporter: counted(exporter(), counts),
    exportIntervalMillis: interval,
    exportTimeoutMillis: interval,
  });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  const commands = new Commands();
  const timer = commands[kind](name, metrics.getMeter("tidewheel.e2e"), attributes);
  for await (const line of readline.createInterface({ input: process.stdin })) commands.obey(line);
  clearInterval(timer);
  await provider.shutdown();
  console.log(JSON.stringify(counts));
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
