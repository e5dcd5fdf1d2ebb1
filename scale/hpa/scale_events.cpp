#include "scale/hpa/scale_events.h"

#include <algorithm>

#include "scale/hpa/age.h"

namespace scale::hpa {
namespace {

bool older(const ScaleEvent& a, const ScaleEvent& b) {
  return a.at < b.at;
}

Replicas plus(Replicas a, Replicas b) {
  return to_replicas(std::int64_t{a} + b);
}

// Merges the two oldest entries and returns the slot that became free.
ScaleEvent& merge_oldest(std::vector<ScaleEvent>& events) {
  const auto oldest = std::ranges::min_element(events, older);
  const Replicas change = oldest->change;
  oldest->at = Timestamp{std::numeric_limits<std::int64_t>::max()};
  const auto next = std::ranges::min_element(events, older);
  next->change = plus(next->change, change);
  return *oldest;
}

}  // namespace

Replicas changed_within(std::span<const ScaleEvent> events, Duration period, Timestamp now) {
  Replicas sum = 0;
  for (const ScaleEvent& event : events) {
    if (age(event.at, now) < period) sum = plus(sum, event.change);
  }
  return sum;
}

std::vector<ScaleEvent> remember(std::vector<ScaleEvent> events, Replicas change, Duration longest,
                                 Timestamp now) {
  ScaleEvent* slot = nullptr;
  for (ScaleEvent& event : events) {
    event.outdated = event.outdated || age(event.at, now) > longest;
    if (event.outdated) slot = &event;
  }
  if (!slot && events.size() >= scale_events_max) slot = &merge_oldest(events);
  const ScaleEvent fresh{.at = now, .change = change};
  if (slot) {
    *slot = fresh;
  } else {
    events.push_back(fresh);
  }
  return events;
}

}  // namespace scale::hpa
