#pragma once

// KEDA's 0<->1 rules: whether the workload is scaled by its metrics, or rests at zero or its idle
// count. Pure.

#include <optional>
#include <span>

#include "scale/types.h"

namespace scale {

struct Activity {
  enum class Mode : std::uint8_t {
    scaled,   // the arithmetic between 1 and N applies
    resting,  // inactive, and no higher than its resting count: stays
    leaving,  // inactive for long enough: goes down to its resting count
  };
  Mode mode = Mode::scaled;
  bool active = false;                   // a trigger is, or activation is forced
  bool forced = false;                   // only because activation is forced
  Replicas rest = 0;                     // the count of resting and leaving
  Timestamp rest_at;                     // the end of the cooldown, or of the initial one
  bool cooling = false;                  // inactive, scaled, and resting once `rest_at` has come
  std::optional<Timestamp> last_active;  // now, while active and at the moment that ends
};

// First match wins: active is scaled; without idle count a minimum above 0 is scaled; at or below
// the resting count (idle, or 0) stays; missing data is scaled, which holds; before rest_at is
// scaled and cooling; otherwise leaving. rest_at: last activity plus cooldown, or creation plus
// initial cooldown for who was never active. What was active at the last decision was so until now,
// because decisions are made when something changes and not on a tick. Source: KEDA 2.21 executor.
Activity judge(const Spec& spec, std::span<const Proposal> proposals, const Workload& workload,
               const History& history, Timestamp now);

}  // namespace scale
