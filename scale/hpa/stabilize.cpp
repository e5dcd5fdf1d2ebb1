#include "scale/hpa/stabilize.h"

#include <algorithm>
#include <array>

#include "scale/hpa/age.h"

namespace scale::hpa {
namespace {

constexpr std::array<std::string_view, 3> held_names = {"ReadyForNewScale", "ScaleDownStabilized",
                                                        "ScaleUpStabilized"};

bool older(const Recommendation& a, const Recommendation& b) {
  return a.at < b.at;
}

// Merges the two oldest entries and returns the slot that became free.
Recommendation& merge_oldest(Recommendations& recommendations) {
  const auto oldest = std::ranges::min_element(recommendations, older);
  const Recommendation merged = *oldest;
  oldest->at = Timestamp{std::numeric_limits<std::int64_t>::max()};
  const auto next = std::ranges::min_element(recommendations, older);
  next->replicas = std::max(next->replicas, merged.replicas);
  return *oldest;
}

}  // namespace

Replicas stabilize_down(Replicas desired, std::span<const Recommendation> recommendations,
                        Duration window, Timestamp now) {
  Replicas highest = desired;
  for (const Recommendation& r : recommendations) {
    if (age(r.at, now) <= window) highest = std::max(highest, r.replicas);
  }
  return highest;
}

Replicas stabilize(Move move, std::span<const Recommendation> recommendations, Windows windows,
                   Timestamp now) {
  Replicas low = move.desired;
  Replicas high = move.desired;
  for (const Recommendation& r : recommendations) {
    const Duration since = age(r.at, now);
    if (since < windows.up) low = std::min(low, r.replicas);
    if (since < windows.down) high = std::max(high, r.replicas);
  }
  return std::min(std::max(move.current, low), high);
}

Held held_plain(Replicas desired, Replicas stabilized) {
  return stabilized == desired ? Held::no : Held::down;
}

Held held(Move move, Replicas stabilized) {
  return stabilized == move.desired ? Held::no : direction(move);
}

Held direction(Move move) {
  return move.desired >= move.current ? Held::up : Held::down;
}

std::string_view to_string(Held held) {
  return held_names[static_cast<std::size_t>(held)];
}

Recommendations remember(Recommendations recommendations, Replicas desired, Duration window,
                         Timestamp now) {
  const Recommendation fresh{.at = now, .replicas = desired};
  Recommendation* slot = nullptr;
  for (Recommendation& r : recommendations) {
    if (age(r.at, now) > window) slot = &r;
  }
  if (!slot && recommendations.size() >= recommendations_max) slot = &merge_oldest(recommendations);
  if (slot) {
    *slot = fresh;
  } else {
    recommendations.push_back(fresh);
  }
  return recommendations;
}

}  // namespace scale::hpa
