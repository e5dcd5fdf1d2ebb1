#pragma once

// Metrics that are averaged over pods: utilisation of a request, and plain averages.

#include <span>

#include "scale/hpa/failure.h"
#include "scale/hpa/groups.h"
#include "scale/hpa/requests.h"

namespace scale::hpa {

// Sums over a set of figures.
struct Tally {
  Milli usage = 0;
  Milli request = 0;  // utilisation only
  std::int64_t count = 0;
  bool operator==(const Tally&) const = default;
};

struct Utilization {
  double ratio = 0;          // percent / target
  std::int32_t percent = 0;  // of usage in request, cut to an integer before the ratio is taken
  Milli average = 0;         // usage per figure, cut
};
// Failures: unmatched_metrics when the requests add up to zero or less.
Computed<Utilization> utilization(const Tally& tally, std::int32_t target);

struct Average {
  double ratio = 0;   // average / target
  Milli average = 0;  // usage per figure, cut
};
// tally.count > 0.
Average average(const Tally& tally, Milli target);

struct PodQuestion {
  std::span<const Pod> pods;
  const Figures& figures;
  Grouping grouping;
  Replicas current = 0;  // the spec count
  Tolerance tolerance;
};

struct UtilizationProposal {
  Replicas replicas = 0;
  std::int32_t percent = 0;  // reported, as the average: before anything is filled in
  Milli average = 0;
};
// Figures of unready and ignored pods are dropped, requests of all pods must be known. Missing pods
// are filled with max(100, target) percent of their request on the way down and with nothing on the
// way up; unready ones with nothing on the way up. What is filled in never turns the direction.
// Failures: no_pods, no_usable_metrics, missing_request, container_not_found, unmatched_metrics.
Computed<UtilizationProposal> propose_utilization(const PodQuestion& question, std::int32_t target,
                                                  const Requested& requested);

struct AverageProposal {
  Replicas replicas = 0;
  Milli average = 0;
};
// The same without requests; missing pods are filled with the target on the way down. Figures of
// pods that are not listed count too. Failures: no_pods, no_usable_metrics.
Computed<AverageProposal> propose_pod_average(const PodQuestion& question, Milli target);

}  // namespace scale::hpa
