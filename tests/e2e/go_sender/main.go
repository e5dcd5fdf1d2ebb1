// Sends metrics with the OpenTelemetry SDK for Go. usage: go_sender gauge|counter|load NAME [KEY=VALUE...]
// Where it sends, how and how often comes from the standard OTEL_* environment alone; what it sends comes from standard
// input. README.md beside this folder has the commands, and what it says at its end. `clock SECONDS` is of this sender
// alone: how far this machine's clock is off from then on; what is sent has times so much later.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

const tick = 10 * time.Millisecond

type commands struct {
	mutex sync.Mutex
	value *float64
	rate  float64
	clock time.Duration
}

func (c *commands) obey(line string) error {
	words := strings.Fields(line)
	if len(words) != 2 {
		return fmt.Errorf("not a command: %q", line)
	}
	number, err := strconv.ParseFloat(words[1], 64)
	if err != nil {
		return err
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	switch words[0] {
	case "set":
		c.value = &number
	case "rate":
		c.rate = number
	case "clock":
		c.clock = time.Duration(number * float64(time.Second))
	default:
		return fmt.Errorf("not a command: %q", line)
	}
	return nil
}

func exporter(ctx context.Context) (sdkmetric.Exporter, error) {
	if os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc" {
		return otlpmetricgrpc.New(ctx)
	}
	return otlpmetrichttp.New(ctx)
}

// skewed has another exporter send what a machine with a wrong clock would send, and counts what it sends.
type skewed struct {
	sdkmetric.Exporter
	commands *commands
	counts   *counts
}

func (s skewed) Export(ctx context.Context, metrics *metricdata.ResourceMetrics) error {
	points := pointsIn(metrics)
	// The reader's end does not cut an export short that is under way: then nobody would know what became of it.
	err := s.exportSkewed(context.WithoutCancel(ctx), metrics)
	s.counts.add(points, err)
	return err
}

func (s skewed) exportSkewed(ctx context.Context, metrics *metricdata.ResourceMetrics) error {
	s.commands.mutex.Lock()
	by := s.commands.clock
	s.commands.mutex.Unlock()
	for _, scope := range metrics.ScopeMetrics {
		for _, one := range scope.Metrics {
			switch data := one.Data.(type) {
			case metricdata.Gauge[float64]:
				shift(data.DataPoints, by)
			case metricdata.Sum[int64]:
				shift(data.DataPoints, by)
			}
		}
	}
	return s.Exporter.Export(ctx, metrics)
}

func shift[N int64 | float64](points []metricdata.DataPoint[N], by time.Duration) {
	for i := range points {
		points[i].Time = points[i].Time.Add(by)
		if !points[i].StartTime.IsZero() {
			points[i].StartTime = points[i].StartTime.Add(by)
		}
	}
}

func (c *commands) observe(name string, meter metric.Meter, attributes metric.MeasurementOption) error {
	_, err := meter.Float64ObservableGauge(name, metric.WithFloat64Callback(
		func(_ context.Context, observer metric.Float64Observer) error {
			c.mutex.Lock()
			defer c.mutex.Unlock()
			if c.value != nil {
				observer.Observe(*c.value, attributes)
			}
			return nil
		}))
	return err
}

func (c *commands) count(name string, meter metric.Meter, attributes metric.MeasurementOption) error {
	counter, err := meter.Int64Counter(name)
	if err != nil {
		return err
	}
	go func() {
		owed, last := 0.0, time.Now()
		for now := range time.Tick(tick) {
			c.mutex.Lock()
			owed += c.rate * now.Sub(last).Seconds()
			c.mutex.Unlock()
			last = now
			counter.Add(context.Background(), int64(owed), attributes)
			owed -= float64(int64(owed))
		}
	}()
	return nil
}

func run(kind, name string, pairs []string) error {
	ctx := context.Background()
	out, err := exporter(ctx)
	if err != nil {
		return err
	}
	c := &commands{}
	sent := &counts{}
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(skewed{out, c, sent})))

	var list []attribute.KeyValue
	for _, pair := range pairs {
		key, value, _ := strings.Cut(pair, "=")
		list = append(list, attribute.String(key, value))
	}
	attributes := metric.WithAttributes(list...)
	meter := provider.Meter("tidewheel.e2e")
	start := map[string]func(string, metric.Meter, metric.MeasurementOption) error{
		"gauge": c.observe, "counter": c.count,
		"load": func(name string, meter metric.Meter, _ metric.MeasurementOption) error {
			return load(name, meter, attribute.NewSet(list...))
		},
	}[kind]
	if start == nil {
		return fmt.Errorf("neither gauge, counter nor load: %q", kind)
	}
	if err := start(name, meter, attributes); err != nil {
		return err
	}
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		if err := c.obey(input.Text()); err != nil {
			return err
		}
	}
	// What the last export ends with is in the counts.
	if err := provider.Shutdown(ctx); err != nil {
		log.Print(err)
	}
	fmt.Printf("{\"exported\":%d,\"failed\":%d}\n", sent.exported.Load(), sent.failed.Load())
	return input.Err()
}

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: go_sender gauge|counter|load NAME [KEY=VALUE...]")
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		log.Fatal(err)
	}
}
