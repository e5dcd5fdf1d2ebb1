#pragma once

// What was changed lately, which policies count. Pure.

#include <span>
#include <vector>

#include "base/time.h"
#include "scale/hpa/arithmetic.h"

namespace scale::hpa {

// One successful write of the scale.
struct ScaleEvent {
  Timestamp at;
  Replicas change = 0;    // > 0, in either direction
  bool outdated = false;  // was older than every policy's period; its slot may be used again
  bool operator==(const ScaleEvent&) const = default;
};

// One list per direction, in slot order.
struct ScaleEvents {
  std::vector<ScaleEvent> up;
  std::vector<ScaleEvent> down;
  bool operator==(const ScaleEvents&) const = default;
};

// The sum of the changes younger (strictly) than `period`. Saturates.
Replicas changed_within(std::span<const ScaleEvent> events, Duration period, Timestamp now);

inline constexpr std::size_t scale_events_max = 4096;

// The events of one direction after a change of `change` replicas now. What is older (strictly)
// than `longest`, the longest period of that direction's policies, is marked outdated; the last
// outdated slot is used again, without one the list grows. At scale_events_max the two oldest
// become one, their sum at the younger time, so that policies rather allow too little.
std::vector<ScaleEvent> remember(std::vector<ScaleEvent> events, Replicas change, Duration longest,
                                 Timestamp now);

}  // namespace scale::hpa
