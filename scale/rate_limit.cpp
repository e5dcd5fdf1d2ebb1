#include "scale/rate_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace scale {
namespace {

enum class Direction : std::uint8_t { up, down };

constexpr std::string_view name(Direction direction) {
  return direction == Direction::up ? "scale-up" : "scale-down";
}

Replicas saturated(double count) {
  constexpr double lowest = std::numeric_limits<Replicas>::min();
  constexpr double highest = std::numeric_limits<Replicas>::max();
  return static_cast<Replicas>(std::clamp(count, lowest, highest));
}

// The count when the policy's period began. Changes of both directions enter.
double start_of_period(Replicas current, const Policy& policy, const Events& events,
                       Timestamp now) {
  double start = current;
  for (const auto& event : events) {
    if (now - event.at < policy.period) start -= event.change;
  }
  return start;
}

Replicas allowed(const Policy& policy, double start, Direction direction) {
  const double value = policy.value;
  if (policy.type == PolicyType::pods)
    return saturated(direction == Direction::up ? start + value : start - value);
  if (direction == Direction::up) return saturated(std::ceil(start * (1 + value / 100)));
  return saturated(std::trunc(start * (1 - value / 100)));
}

// Whether `candidate` is the one that `select` prefers over `best`.
bool preferred(Replicas candidate, Replicas best, SelectPolicy select, Direction direction) {
  const bool more_change = direction == Direction::up ? candidate > best : candidate < best;
  const bool less_change = direction == Direction::up ? candidate < best : candidate > best;
  return select == SelectPolicy::max ? more_change : less_change;
}

std::string describe(const Policy& policy, Direction direction) {
  return fmt::format("{} policy allows {}{} per {}", name(direction), policy.value,
                     policy.type == PolicyType::percent ? "%" : " pods",
                     base::format_duration(policy.period));
}

// When the first of the events that count leaves its period; a change made now counts too.
std::optional<Timestamp> first_leaves(const Rules& rules, const Events& events, Timestamp now) {
  std::optional<Timestamp> first;
  for (const auto& policy : rules.policies) {
    first = std::min(first.value_or(now + policy.period), now + policy.period);
    for (const auto& event : events) {
      if (now - event.at < policy.period) first = std::min(*first, event.at + policy.period);
    }
  }
  return first;
}

std::optional<Limit> limit(Replicas current, const Rules& rules, const Events& events,
                           Timestamp now, Direction direction) {
  if (rules.select == SelectPolicy::disabled) {
    return Limit{.replicas = current,
                 .detail = fmt::format("{} is disabled by its selectPolicy", name(direction))};
  }
  const Policy* chosen = nullptr;
  Replicas best = current;
  for (const auto& policy : rules.policies) {
    const Replicas candidate =
        allowed(policy, start_of_period(current, policy, events, now), direction);
    if (chosen && !preferred(candidate, best, rules.select, direction)) continue;
    chosen = &policy;
    best = candidate;
  }
  if (!chosen) return std::nullopt;
  best = direction == Direction::up ? std::max(best, current) : std::min(best, current);
  return Limit{best, describe(*chosen, direction), first_leaves(rules, events, now)};
}

Duration longest_period(const Rules& up, const Rules& down) {
  Duration longest{};
  for (const auto& policy : up.policies) longest = std::max(longest, policy.period);
  for (const auto& policy : down.policies) longest = std::max(longest, policy.period);
  return longest;
}

}  // namespace

std::optional<Limit> limit_up(Replicas current, const Rules& rules, const Events& events,
                              Timestamp now) {
  return limit(current, rules, events, now, Direction::up);
}

std::optional<Limit> limit_down(Replicas current, const Rules& rules, const Events& events,
                                Timestamp now) {
  return limit(current, rules, events, now, Direction::down);
}

Events remember(const Events& events, Replicas change, const Rules& up, const Rules& down,
                Timestamp now) {
  const Duration longest = longest_period(up, down);
  Events all = events;
  if (change != 0) all.push_back({.at = now, .change = change});
  std::erase_if(all, [&](const auto& event) { return now - event.at >= longest; });
  while (all.size() > events_max) {
    all[1].change = saturated(static_cast<double>(all[0].change) + all[1].change);
    all.erase(all.begin());
  }
  return all;
}

}  // namespace scale
