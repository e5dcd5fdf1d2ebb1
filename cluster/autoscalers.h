#pragma once

// The HPA controller of the embedded cluster: what kube-controller-manager does for
// HorizontalPodAutoscalers, by the algorithm of scale/hpa.

#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/task.h"
#include "cluster/autoscaling/metric_sources.h"
#include "kube/client.h"
#include "scale/hpa/config.h"

namespace cluster {

struct AutoscalersOptions {
  Duration sync_period = std::chrono::seconds(15);
  scale::hpa::Config config;
  scale::hpa::Gates gates;
};

// Confined to the control loop. client, clock, registry and what the sources refer to outlive it.
//
// - A pass follows at once when an HPA appears or its generation changes, and one sync period after
//   each pass, however it went: no back-off, no early retry.
// - A pass reads the HPA, the scale and the pods live, writes the scale, then the status if it
//   differs, and tells Events as "horizontal-pod-autoscaler".
// - Recommendations and scale events live in memory and go with their HPA: after a restart the
//   current count holds for one window.
// - HPAs whose selectors list the same pods stop each other (AmbiguousSelector).
class Autoscalers {
 public:
  Autoscalers(AutoscalersOptions options, kube::Client& client, const Clock& clock,
              Executor executor, autoscaling::MetricSources sources, Log log,
              base::metrics::Registry& registry);
  ~Autoscalers();

  // Runs until its task is stopped.
  Task<void> run();

  // For tests that move the clock: passes that are due by now begin; whether none waits or runs.
  void look_at_clock();
  bool idle() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cluster
