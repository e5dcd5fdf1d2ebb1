#pragma once

// Whom the autoscalers ask for metrics: functions in this process, where a cluster has aggregated
// APIs.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "scale/hpa/pods.h"
#include "scale/hpa/selector.h"

namespace cluster::autoscaling {

// One External metric, as a specification names it.
struct ExternalMetric {
  std::string ns;
  std::string name;  // without regard to case, as on the wire
  std::optional<scale::hpa::Selector> selector;
};

// Called on the control loop; they answer at once, and what they refer to outlives their owner. A
// function that is not set means that there is no such API here.
struct MetricSources {
  // external.metrics.k8s.io: one value per series; none is a failure of the metric, as an error is.
  std::function<Result<std::vector<scale::hpa::Milli>>(const ExternalMetric&)> external;
  // metrics.k8s.io: what those pods of a namespace use, of which some may be missing.
  std::function<Result<std::vector<scale::hpa::PodSample>>(const std::string& ns,
                                                           std::span<const std::string> pods)>
      resources;
};

}  // namespace cluster::autoscaling
