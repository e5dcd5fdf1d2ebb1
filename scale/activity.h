#pragma once

// KEDA's 0<->1 rules: whether the workload is scaled by its metrics, or rests at zero or its idle
// count. Pure.

#include <optional>
#include <span>

#include "scale/proposals.h"

namespace scale {

struct Activity {
  Phase phase = Phase::scaled;
  bool active = false;                   // a trigger is, or activation is forced
  bool forced = false;                   // only because activation is forced
  Replicas rest = 0;                     // the count of resting and leaving
  Timestamp since;                       // when the cooldown, or the initial one, began
  Timestamp rest_at;                     // its end
  std::optional<Timestamp> last_active;  // now, while active and at the moment that ends
};

// First match wins: active is scaled; without idle count a minimum above 0 is scaled; at or below
// the resting count (idle, or 0) stays; missing data is scaled, which holds; before rest_at is
// cooling; otherwise leaving. rest_at: last activity plus cooldown, or creation plus
// initial cooldown for who was never active. What was active at the last decision was so until now,
// because decisions are made when something changes and not on a tick. Source: KEDA 2.21 executor.
Activity judge(const Inputs& in, std::span<const Proposal> proposals);

}  // namespace scale
