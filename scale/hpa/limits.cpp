#include "scale/hpa/limits.h"

#include <algorithm>
#include <array>

namespace scale::hpa {
namespace {

constexpr std::array<std::string_view, 5> names = {
    "DesiredWithinRange", "TooFewReplicas", "TooManyReplicas", "ScaleUpLimit", "ScaleDownLimit",
};

// The count when the policy's period began.
std::int64_t period_start(Replicas current, const Policy& policy, const ScaleEvents& events,
                          Timestamp now) {
  const std::int64_t added = changed_within(events.up, policy.period, now);
  const std::int64_t removed = changed_within(events.down, policy.period, now);
  return to_replicas(current - added + removed);
}

Replicas raised(std::int64_t start, const Policy& policy) {
  if (policy.type == PolicyType::pods) return to_replicas(start + policy.value);
  return ceil_replicas(static_cast<double>(start) * (1 + static_cast<double>(policy.value) / 100));
}

Replicas lowered(std::int64_t start, const Policy& policy) {
  if (policy.type == PolicyType::pods) return to_replicas(start - policy.value);
  return to_replicas(static_cast<double>(start) * (1 - static_cast<double>(policy.value) / 100));
}

}  // namespace

std::string_view to_string(LimitReason reason) {
  return names[static_cast<std::size_t>(reason)];
}

Replicas growth_limit(Replicas current) {
  return to_replicas(std::max(growth_factor * static_cast<double>(current), growth_floor));
}

Limited limit_plain(Move move, Bounds bounds) {
  const Replicas growth = growth_limit(move.current);
  if (move.desired < bounds.min) return {bounds.min, LimitReason::too_few};
  if (bounds.max > growth && move.desired > growth) return {growth, LimitReason::scale_up_limit};
  if (bounds.max <= growth && move.desired > bounds.max) {
    return {bounds.max, LimitReason::too_many};
  }
  return {move.desired, LimitReason::within_range};
}

Replicas policy_limit_up(Replicas current, const Rules& up, const ScaleEvents& events,
                         Timestamp now) {
  if (up.select == SelectPolicy::disabled) return current;
  const bool least = up.select == SelectPolicy::min;
  Replicas limit = least ? replicas_max : replicas_min;
  for (const Policy& policy : up.policies) {
    const Replicas one = raised(period_start(current, policy, events, now), policy);
    limit = least ? std::min(limit, one) : std::max(limit, one);
  }
  return limit;
}

Replicas policy_limit_down(Replicas current, const Rules& down, const ScaleEvents& events,
                           Timestamp now) {
  if (down.select == SelectPolicy::disabled) return current;
  const bool least = down.select == SelectPolicy::min;
  Replicas limit = least ? replicas_min : replicas_max;
  for (const Policy& policy : down.policies) {
    const Replicas one = lowered(period_start(current, policy, events, now), policy);
    limit = least ? std::max(limit, one) : std::min(limit, one);
  }
  return limit;
}

Limited limit(Move move, Bounds bounds, const Behavior& behavior, const ScaleEvents& events,
              Timestamp now) {
  if (move.desired > move.current) {
    const Replicas policies =
        std::max(policy_limit_up(move.current, behavior.up, events, now), move.current);
    const Limited ceiling = bounds.max > policies ? Limited{policies, LimitReason::scale_up_limit}
                                                  : Limited{bounds.max, LimitReason::too_many};
    if (move.desired > ceiling.replicas) return ceiling;
  }
  if (move.desired < move.current) {
    const Replicas policies =
        std::min(policy_limit_down(move.current, behavior.down, events, now), move.current);
    const Limited floor = bounds.min < policies ? Limited{policies, LimitReason::scale_down_limit}
                                                : Limited{bounds.min, LimitReason::too_few};
    if (move.desired < floor.replicas) return floor;
  }
  return {move.desired, LimitReason::within_range};
}

}  // namespace scale::hpa
