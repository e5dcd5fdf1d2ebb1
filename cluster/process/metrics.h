#pragma once

// What the process runtime counts.

#include "base/metrics.h"

namespace cluster::process {

struct Metrics {
  explicit Metrics(base::metrics::Registry& registry)
      : running(registry.gauge("tidewheel_pods_running", "Pods whose process runs now.")),
        restarts(registry.counter("tidewheel_pod_restarts_total",
                                  "Starts of a pod's process after its first.")),
        start_failures(registry.counter("tidewheel_pod_start_failures_total",
                                        "Pod processes that could not be started.")),
        lost_keepers(registry.counter("tidewheel_pod_keepers_lost_total",
                                      "Keepers that ended before their pod.")) {}

  base::metrics::Gauge& running;
  base::metrics::Counter& restarts;
  base::metrics::Counter& start_failures;
  base::metrics::Counter& lost_keepers;
};

}  // namespace cluster::process
