#pragma once

// Scaling policies: how fast the count may move. Pure.

#include <optional>
#include <string>
#include <vector>

#include "scale/types.h"

namespace scale {

using Events = std::vector<History::ScaleEvent>;

struct Limit {
  Replicas replicas = 0;              // the furthest count allowed now
  std::string detail;                 // says which policy; empty when there is no limit
  std::optional<Timestamp> again_at;  // when the first event that counts leaves its period
};

// The highest count that `rules` allow from `current`, never below it; none when they set no limit.
// Per policy, with added and removed the sums of the events younger (strictly) than its period:
//   start = current - added + removed;  pods: start + value;  percent: ceil(start * (1 + value /
//   100)).
// select max takes the most change, min the least, disabled none.
// Source: autoscaling/v2 with a behaviour block.
std::optional<Limit> limit_up(Replicas current, const Rules& rules, const Events& events,
                              Timestamp now);

// The lowest count allowed, never above `current`; percent: trunc(start * (1 - value / 100)).
std::optional<Limit> limit_down(Replicas current, const Rules& rules, const Events& events,
                                Timestamp now);

// The events after a change of `change` replicas now, without those older than every policy's
// period: none without policies. At most events_max.
Events remember(const Events& events, Replicas change, const Rules& up, const Rules& down,
                Timestamp now);

}  // namespace scale
