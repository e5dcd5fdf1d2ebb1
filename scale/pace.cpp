#include "scale/pace.h"

#include <algorithm>
#include <span>

#include "scale/hpa/age.h"

namespace scale {
namespace {

// When the first of the events that count leaves a policy's period.
void first_leaves(const hpa::Rules& rules, std::span<const hpa::ScaleEvent> events, Timestamp now,
                  std::optional<Timestamp>& first) {
  for (const auto& policy : rules.policies) {
    for (const auto& event : events) {
      const Timestamp at = hpa::after(event.at, policy.period);
      if (at > now) first = std::min(first.value_or(at), at);
    }
  }
}

}  // namespace

bool window_over(const History& history, Duration period, Timestamp now) {
  return !history.window || hpa::age(history.window->start, now) >= period;
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

hpa::Limited pace(const Spec& spec, const History& history, hpa::Move move, Timestamp now) {
  const hpa::Bounds bounds{.min = spec.floor(), .max = spec.max};
  const hpa::Move whole{.current = history.window->base, .desired = move.desired};
  hpa::Limited limited = spec.behavior
                             ? hpa::limit(whole, bounds, *spec.behavior, history.events, now)
                             : hpa::limit_plain(whole, bounds);
  limited.replicas = move.desired >= move.current ? std::max(limited.replicas, move.current)
                                                  : std::min(limited.replicas, move.current);
  return limited;
}

std::optional<Timestamp> pace_changes(const Spec& spec, const History& history, Replicas to,
                                      Timestamp now) {
  std::optional<Timestamp> first;
  if (to != history.window->base) first = hpa::after(history.window->start, spec.sync_period);
  if (!spec.behavior) return first;
  for (const hpa::Rules* rules : {&spec.behavior->up, &spec.behavior->down}) {
    first_leaves(*rules, history.events.up, now, first);
    first_leaves(*rules, history.events.down, now, first);
  }
  return first;
}

}  // namespace scale
