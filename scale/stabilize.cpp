#include "scale/stabilize.h"

#include <algorithm>
#include <limits>

namespace scale {
namespace {

// When the last of those that hold `replicas` in place leaves the window.
template <class Holds>
std::optional<Timestamp> release(const Recommendations& all, Duration window, Timestamp now,
                                 Holds holds) {
  std::optional<Timestamp> newest;
  for (const auto& r : all) {
    if (now - r.at < window && holds(r.replicas)) newest = std::max(newest.value_or(r.at), r.at);
  }
  if (newest) return *newest + window;
  return std::nullopt;
}

// Drops what can never again be the smallest or the largest of its window: a later entry outdoes
// it, or it is too old.
void drop_outdone(Recommendations& all, Windows windows, Timestamp now) {
  Replicas highest = std::numeric_limits<Replicas>::min();
  Replicas lowest = std::numeric_limits<Replicas>::max();
  std::size_t kept = all.size();
  for (std::size_t i = all.size(); i-- > 0;) {
    const History::Recommendation r = all[i];
    const bool newest = i + 1 == all.size();
    const bool holds_down = r.replicas > highest && now - r.at < windows.down;
    const bool holds_up = r.replicas < lowest && now - r.at < windows.up;
    highest = std::max(highest, r.replicas);
    lowest = std::min(lowest, r.replicas);
    if (newest || holds_down || holds_up) all[--kept] = r;
  }
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept));
}

// The two oldest become one that keeps the higher count, for as long as the younger would have
// held: late rather than early.
void merge_oldest(Recommendations& all) {
  all[1].replicas = std::max(all[0].replicas, all[1].replicas);
  all.erase(all.begin());
}

}  // namespace

Recommendations in_force(Recommendations recommendations, Replicas current, Timestamp now) {
  if (recommendations.empty() && current > 0) recommendations.push_back({.replicas = current});
  if (!recommendations.empty()) recommendations.back().at = now;
  return recommendations;
}

Stabilized stabilize(Replicas current, Replicas wanted, const Recommendations& recommendations,
                     Windows windows, Timestamp now) {
  Replicas low = wanted;
  Replicas high = wanted;
  for (const auto& r : recommendations) {
    if (now - r.at < windows.up) low = std::min(low, r.replicas);
    if (now - r.at < windows.down) high = std::max(high, r.replicas);
  }
  const Replicas replicas = std::min(std::max(current, low), high);
  if (replicas > wanted) {
    return {replicas,
            release(recommendations, windows.down, now, [=](Replicas r) { return r >= replicas; })};
  }
  if (replicas < wanted) {
    return {replicas,
            release(recommendations, windows.up, now, [=](Replicas r) { return r <= replicas; })};
  }
  return {replicas, std::nullopt};
}

Recommendations remember(Recommendations recommendations, Replicas wanted, Windows windows,
                         Timestamp now) {
  auto& all = recommendations;
  all.push_back({.at = now, .replicas = wanted});
  drop_outdone(all, windows, now);
  while (all.size() > recommendations_max) merge_oldest(all);
  return recommendations;
}

}  // namespace scale
