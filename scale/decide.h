#pragma once

// The decision: readings in, replicas and reasons out. Pure: no clock, no I/O.

#include <span>

#include "scale/types.h"

namespace scale {

// readings: one per spec.triggers, in order. Applies KEDA's 0<->1 rules around the HPA's 1<->N
// algorithm, which runs at event time here: see pace.h and extremes.h. Missing data does what the
// manifest says, else holds the trigger's last proposal; min, max and pauses apply over every hold.
// The caller writes decision.to when it differs from decision.from, and keeps `next` when that
// succeeded. recycled: an older outcome, not `history`, whose memory is used again; with it a
// steady decision allocates nothing. Source: KEDA 2.21 executor (decision table), autoscaling/v2.
Outcome decide(const Spec& spec, std::span<const Reading> readings, const Workload& workload,
               const History& history, Timestamp now, Outcome recycled = {});

// What an outcome leaves behind when its count is not going to be written (engine advisory): no
// change was made.
void forget_change(const History& before, History& next);

}  // namespace scale
