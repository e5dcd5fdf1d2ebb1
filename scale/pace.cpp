#include "scale/pace.h"

#include <algorithm>
#include <span>

#include "scale/hpa/age.h"

namespace scale {
namespace {

// When the first of the events that count as of `since` leaves a policy's period.
void first_leaves(const hpa::Rules& rules, std::span<const hpa::ScaleEvent> events, Timestamp since,
                  std::optional<Timestamp>& first) {
  for (const auto& policy : rules.policies) {
    for (const auto& event : events) {
      const Timestamp at = hpa::after(event.at, policy.period);
      if (at > since) first = std::min(first.value_or(at), at);
    }
  }
}

}  // namespace

bool window_over(const History& history, Duration period, Timestamp now) {
  return !history.window || history.window->change == 0 ||
         hpa::age(history.window->start, now) >= period;
}

void close_window(const Spec& spec, History& history) {
  if (!history.window) return;
  const auto [start, base, change] = *history.window;
  history.window.reset();
  if (!spec.behavior || change == 0) return;
  auto& list = change > 0 ? history.events.up : history.events.down;
  const hpa::Rules& rules = change > 0 ? spec.behavior->up : spec.behavior->down;
  const Replicas amount = hpa::to_replicas(std::abs(std::int64_t{change}));
  list = hpa::remember(std::move(list), amount, hpa::longest_period(rules), start);
}

hpa::Limited pace(const Spec& spec, const History& history, hpa::Move move) {
  const hpa::Bounds bounds{.min = spec.floor(), .max = spec.max};
  const hpa::Move whole{.current = history.window->base, .desired = move.desired};
  hpa::Limited limited = spec.behavior ? hpa::limit(whole, bounds, *spec.behavior, history.events,
                                                    history.window->start)
                                       : hpa::limit_plain(whole, bounds);
  limited.replicas = move.desired >= move.current ? std::max(limited.replicas, move.current)
                                                  : std::min(limited.replicas, move.current);
  return limited;
}

std::optional<Timestamp> pace_changes(const Spec& spec, const History& history, Replicas to) {
  const History::Window& window = *history.window;
  if (to != window.base) return hpa::after(window.start, spec.sync_period);
  std::optional<Timestamp> first;
  if (!spec.behavior) return first;
  for (const hpa::Rules* rules : {&spec.behavior->up, &spec.behavior->down}) {
    first_leaves(*rules, history.events.up, window.start, first);
    first_leaves(*rules, history.events.down, window.start, first);
  }
  return first;
}

}  // namespace scale
