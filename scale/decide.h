#pragma once

// The decision: readings in, replicas and reasons out. Pure: no clock, no I/O.

#include <span>

#include "scale/types.h"

namespace scale {

// readings: one per spec.triggers, in order. Applies KEDA's 0<->1 rules around the HPA's 1<->N
// arithmetic. Missing data holds the trigger's last proposal; min, max and pauses apply over every
// hold. The caller writes decision.to when it differs from decision.from, and keeps `next`. Source:
// KEDA 2.21 executor (decision table), autoscaling/v2 AverageValue.
Outcome decide(const Spec& spec, std::span<const Reading> readings, const Workload& workload,
               const History& history, Timestamp now);

}  // namespace scale
