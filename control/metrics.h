#pragma once

// The control loop's own metrics.

#include "base/metrics.h"

namespace control {

struct Metrics {
  explicit Metrics(base::metrics::Registry& registry)
      : objects(registry.gauge("tidewheel_objects", "ScaledObjects known.")),
        decisions(registry.counter("tidewheel_decisions_total", "Decisions made.")),
        writes(registry.counter("tidewheel_scale_writes_total", "Replica counts written.")),
        write_errors(registry.counter("tidewheel_scale_write_errors_total",
                                      "Replica counts that could not be written.")),
        watch_restarts(registry.counter("tidewheel_watch_restarts_total",
                                        "Watches that ended and were begun again.")) {}

  base::metrics::Gauge& objects;
  base::metrics::Counter& decisions;
  base::metrics::Counter& writes;
  base::metrics::Counter& write_errors;
  base::metrics::Counter& watch_restarts;
};

// Of the decisions' records.
struct RecordMetrics {
  explicit RecordMetrics(base::metrics::Registry& registry)
      : records(registry.gauge("tidewheel_decision_records", "Records of decisions kept.")),
        bytes(registry.gauge("tidewheel_decision_records_bytes",
                             "Memory that records of decisions take.")),
        evicted(registry.counter("tidewheel_decision_records_evicted_total",
                                 "Oldest records of decisions dropped to stay in the budget.")) {}

  base::metrics::Gauge& records;
  base::metrics::Gauge& bytes;
  base::metrics::Counter& evicted;
};

}  // namespace control
