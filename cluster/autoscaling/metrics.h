#pragma once

// What the autoscalers count, in the words of kube-controller-manager.

#include <string>

#include "base/metrics.h"

namespace cluster::autoscaling {

struct Metrics {
  explicit Metrics(base::metrics::Registry& r)
      : registry(r),
        autoscalers(
            registry.gauge("horizontal_pod_autoscaler_controller_num_horizontal_pod_autoscalers",
                           "Current number of controlled HPA objects.")),
        watch_restarts(registry.counter("tidewheel_autoscaler_watch_restarts_total",
                                        "Watches of HPAs that ended and were begun again.")) {}

  // action: scale_up, scale_down, none. error: spec, internal, none.
  base::metrics::Counter& reconciliations(std::string action, std::string error) {
    return registry.counter("horizontal_pod_autoscaler_controller_reconciliations_total",
                            "Passes of the HPA controller.",
                            {{"action", std::move(action)}, {"error", std::move(error)}});
  }

  base::metrics::Registry& registry;
  base::metrics::Gauge& autoscalers;
  base::metrics::Counter& watch_restarts;
};

}  // namespace cluster::autoscaling
