package main

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// counts has how many points were sent, by how their exports ended.
type counts struct {
	exported, failed atomic.Int64
}

// A partial success is an answer, though the SDK calls it an error: which points were refused is said, and none is sent
// again.
func (c *counts) add(points int, err error) {
	if err == nil || strings.Contains(err.Error(), "OTLP partial success") {
		c.exported.Add(int64(points))
	} else {
		c.failed.Add(int64(points))
	}
}

func pointsIn(metrics *metricdata.ResourceMetrics) int {
	points := 0
	for _, scope := range metrics.ScopeMetrics {
		for _, one := range scope.Metrics {
			switch data := one.Data.(type) {
			case metricdata.Gauge[float64]:
				points += len(data.DataPoints)
			case metricdata.Sum[int64]:
				points += len(data.DataPoints)
			case metricdata.Histogram[float64]:
				points += len(data.DataPoints)
			case metricdata.ExponentialHistogram[float64]:
				points += len(data.DataPoints)
			}
		}
	}
	return points
}

// load keeps `series` series of a counter, a level and a histogram each changing for ever.
func load(name string, meter metric.Meter, attributes attribute.Set) error {
	wanted, _ := attributes.Value("series")
	series, err := strconv.Atoi(wanted.AsString())
	if err != nil {
		return err
	}
	counter, err := meter.Int64Counter(name + ".counter")
	if err != nil {
		return err
	}
	level, err := meter.Int64UpDownCounter(name + ".level")
	if err != nil {
		return err
	}
	histogram, err := meter.Float64Histogram(name + ".histogram")
	if err != nil {
		return err
	}
	go func() {
		ctx := context.Background()
		for round := 0; ; round++ {
			for n := range series {
				own := metric.WithAttributes(attribute.Int("n", n))
				counter.Add(ctx, 1, own)
				level.Add(ctx, int64(n%2*2-1), own)
				histogram.Record(ctx, float64(round%1000+n), own)
			}
			time.Sleep(tick)
		}
	}()
	return nil
}
