#pragma once

// Several metrics: the largest proposal wins, and failures forbid scaling down.

#include <optional>
#include <vector>

#include "scale/hpa/metrics.h"
#include "scale/hpa/status.h"

namespace scale::hpa {

enum class ErrorKind : std::uint8_t { none, internal, spec };
// "none", "internal", "spec": the label of the controller's own metrics.
std::string_view to_string(ErrorKind kind);

struct MetricFailure {
  std::size_t metric = 0;  // place in the specification
  Failure failure;
};

struct Verdict {
  Replicas replicas = 0;              // max(0, best proposal)
  std::optional<std::size_t> winner;  // place of the metric that proposed it; none: nothing did
  bool usable = false;                // false: nothing is scaled
  std::optional<MetricFailure> first_failure;
  std::size_t failures = 0;
  std::vector<MetricStatus> statuses;  // one per metric
  std::vector<Event> events;           // one per failure
};

struct RecommendInput {
  const Spec& spec;
  Scale scale;
  const Observations& observed;
  const Config& config;
  const Gates& gates;
  Timestamp now;
};

// Metrics in spec order; the largest proposal wins, the earlier one on a tie (the best is replaced
// by a larger proposal, or while it is still 0). Not usable: all failed, or some failed and the
// best is below the spec count. statuses: filled and handed back, for its memory.
Verdict recommend(const RecommendInput& input, std::vector<MetricStatus> statuses);

// The kind of a pass's error: spec for an unknown source type, else internal.
ErrorKind kind_of(const Failure& failure);

}  // namespace scale::hpa
