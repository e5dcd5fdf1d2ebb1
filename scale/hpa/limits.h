#pragma once

// Bounds and policies: how far the count may go now. Pure, and nothing allocates.

#include <string_view>

#include "base/time.h"
#include "scale/hpa/arithmetic.h"
#include "scale/hpa/behavior.h"
#include "scale/hpa/scale_events.h"
#include "scale/hpa/stabilize.h"

namespace scale::hpa {

struct Bounds {
  Replicas min = 1;
  Replicas max = 1;
};

enum class LimitReason : std::uint8_t {
  within_range,      // DesiredWithinRange: not bounded
  too_few,           // TooFewReplicas: min
  too_many,          // TooManyReplicas: max
  scale_up_limit,    // ScaleUpLimit: the growth factor, or the policies
  scale_down_limit,  // ScaleDownLimit: the policies
};
// The condition's reason: "ScaleUpLimit".
std::string_view to_string(LimitReason reason);

struct Limited {
  Replicas replicas = 0;
  LimitReason reason = LimitReason::within_range;
  bool operator==(const Limited&) const = default;
};

// Growth without a behaviour block: to twice the current count, but at least to 4.
inline constexpr double growth_factor = 2.0;
inline constexpr double growth_floor = 4.0;
Replicas growth_limit(Replicas current);

// Without a behaviour block. The ceiling is the growth limit where max is above it, else max. Down
// there is no limit but min.
Limited limit_plain(Move move, Bounds bounds);

// What the policies allow, before it is compared with anything. Per policy, with added and removed
// the sums of both directions' events within its period:
//   start = current - added + removed
//   up:   pods start + value, percent ceil(start * (1 + value / 100))
//   down: pods start - value, percent trunc(start * (1 - value / 100))
// Select max takes the most change, min the least; disabled is `current`. Without policies: no
// change at all with max (the far end against the direction), any with min.
Replicas policy_limit_up(Replicas current, const Rules& up, const ScaleEvents& events,
                         Timestamp now);
Replicas policy_limit_down(Replicas current, const Rules& down, const ScaleEvents& events,
                           Timestamp now);

// With a behaviour block. Up: at most the policies' limit (never below current) where max is above
// it, else max; min is not looked at. Down likewise with min. No move is returned as it is, even
// outside the bounds.
Limited limit(Move move, Bounds bounds, const Behavior& behavior, const ScaleEvents& events,
              Timestamp now);

}  // namespace scale::hpa
