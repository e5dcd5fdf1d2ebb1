#pragma once

// KEDA's fallback: when it begins, and what a failing trigger reads then. Pure.

#include <optional>

#include "base/time.h"
#include "scale/spec.h"

namespace scale {

// How often a trigger has failed in a row that fails since `since` (not after `now`). KEDA counts
// one failure per poll and HPA request; nobody polls here, so one counts at once and one more after
// each `polling`. Saturates.
std::int32_t failures(Timestamp since, Duration polling, Timestamp now);

// The moment of the failure after `threshold`: from then on fallback applies.
Timestamp fallback_begins(Timestamp since, Duration polling, std::int32_t threshold);

// The count that the manifest wants while sources fail, at `current` replicas. Kind modifiers: what
// it gives where the formula says nil.
Replicas fallback_replicas(const Fallback& fallback, Replicas current);

// What a metric must read so that it asks for `replicas`: target * replicas, shared by the ready
// pods for a Value target; cut to thousandths. nullopt for a Value target without ready pods.
struct FallbackQuestion {
  double target = 1;
  MetricType type = MetricType::average_value;
  Replicas replicas = 0;
  Replicas ready = 0;
};
std::optional<double> fallback_value(FallbackQuestion question);

}  // namespace scale
