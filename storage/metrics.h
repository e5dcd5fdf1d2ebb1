#pragma once

// The journal's own metrics.

#include "base/metrics.h"

namespace storage {

struct Metrics {
  explicit Metrics(base::metrics::Registry& registry)
      : writes(registry.counter("tidewheel_journal_writes_total", "Keys written to disk.")),
        failures(
            registry.counter("tidewheel_journal_failures_total", "Commits that the disk refused.")),
        dropped(registry.counter("tidewheel_journal_dropped_total",
                                 "New keys dropped because too much waits for a failing disk.")),
        pending(registry.gauge("tidewheel_journal_pending", "Keys that wait to be written.")),
        healthy(registry.gauge("tidewheel_journal_healthy", "1 while the disk takes writes.")) {}

  base::metrics::Counter& writes;
  base::metrics::Counter& failures;
  base::metrics::Counter& dropped;
  base::metrics::Gauge& pending;
  base::metrics::Gauge& healthy;
};

}  // namespace storage
