#pragma once

// Stabilisation: what was recommended lately holds back what is recommended now. Pure.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "scale/hpa/arithmetic.h"

namespace scale::hpa {

// What the metrics asked for: before stabilisation, bounds and policies.
struct Recommendation {
  Timestamp at;
  Replicas replicas = 0;
  bool operator==(const Recommendation&) const = default;
};
// In slot order, which is not the order of time: old slots are used again.
using Recommendations = std::vector<Recommendation>;

// Without a behaviour block: the largest of `desired` and what was recommended within `window`; an
// entry exactly one window old counts. May exceed the current count: a recent higher recommendation
// is restored.
Replicas stabilize_down(Replicas desired, std::span<const Recommendation> recommendations,
                        Duration window, Timestamp now);

struct Windows {
  Duration up{};
  Duration down{};
};

// With a behaviour block: moves `current` towards `desired` as far as the recommendations allow,
//   low  = min(desired, recommendations younger than up)
//   high = max(desired, recommendations younger than down)
//   current, raised to low, then lowered to high;
// an entry exactly one window old does not count.
struct Move {
  Replicas current = 0;
  Replicas desired = 0;
};
Replicas stabilize(Move move, std::span<const Recommendation> recommendations, Windows windows,
                   Timestamp now);

// What AbleToScale says of it: ReadyForNewScale, ScaleDownStabilized or ScaleUpStabilized.
enum class Held : std::uint8_t { no, down, up };
std::string_view to_string(Held held);
// Without a behaviour block only down holds.
Held held_plain(Replicas desired, Replicas stabilized);
// With one: no when nothing was changed, else by the direction of the move.
Held held(Move move, Replicas stabilized);
// up where the recommendation is not below the current count, else down.
Held direction(Move move);

// More passes than this within the windows are only possible far below a sync period of one second.
inline constexpr std::size_t recommendations_max = 4096;

// The recommendations after `desired` was recommended now. The last slot older (strictly) than
// `window`, the longest of the windows, is used again; without one the list grows. At
// recommendations_max the two oldest become one, the larger count at the younger time, so that a
// scale-down is rather held too long. Allocates only when the list outgrows its capacity.
Recommendations remember(Recommendations recommendations, Replicas desired, Duration window,
                         Timestamp now);

}  // namespace scale::hpa
