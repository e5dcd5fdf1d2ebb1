#pragma once

// Stabilisation: going down no lower than what was recommended lately, going up no higher. Pure.

#include <optional>
#include <vector>

#include "scale/types.h"

namespace scale {

using Recommendations = std::vector<History::Recommendation>;

struct Windows {
  Duration up{};
  Duration down{};
};

struct Stabilized {
  Replicas replicas = 0;
  std::optional<Timestamp>
      again_at;  // when a recommendation that held it leaves its window; none: nothing held it
};

// `recommendations` as they stand now: the newest was in force until now, however old its record
// is, because decisions are made when something changes and not on a tick. An empty list becomes
// `current`, so that a newcomer does not scale down for a whole window; 0 replicas leave no trace.
Recommendations in_force(Recommendations recommendations, Replicas current, Timestamp now);

// Moves `current` towards `wanted` as far as the recommendations allow:
//   low = min(wanted, those younger than up), high = max(wanted, those younger than down),
//   clamp(current, low, high).
// Ages count strictly below the window. recommendations: in force, oldest first.
// Source: autoscaling/v2 with a behaviour block.
Stabilized stabilize(Replicas current, Replicas wanted, const Recommendations& recommendations,
                     Windows windows, Timestamp now);

// The recommendations after `wanted` was recommended now: those in force that can still matter,
// oldest first, then this one. At most recommendations_max.
Recommendations remember(Recommendations recommendations, Replicas wanted, Windows windows,
                         Timestamp now);

}  // namespace scale
