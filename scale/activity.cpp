#include "scale/activity.h"

#include <algorithm>

#include "scale/proposals.h"

namespace scale {
namespace {

Timestamp rest_time(const Spec& spec, const Workload& workload,
                    std::optional<Timestamp> last_active) {
  return last_active ? *last_active + spec.cooldown
                     : workload.object_created + spec.initial_cooldown;
}

}  // namespace

Activity judge(const Spec& spec, std::span<const Proposal> proposals, const Workload& workload,
               const History& history, Timestamp now) {
  using enum Activity::Mode;
  const bool by_trigger = std::ranges::any_of(proposals, &Proposal::active);
  Activity activity{.active = by_trigger || spec.force_activation,
                    .forced = spec.force_activation && !by_trigger,
                    .last_active = history.last_active};
  if (activity.active || history.active) activity.last_active = now;
  activity.rest_at = rest_time(spec, workload, activity.last_active);
  if (activity.active) return activity;
  if (!spec.idle && spec.min > 0) return activity;
  activity.rest = spec.idle.value_or(0);
  if (workload.replicas <= activity.rest) {
    activity.mode = resting;
    activity.rest = workload.replicas;
    return activity;
  }
  if (rest_forbidden(proposals)) return activity;
  activity.cooling = now < activity.rest_at;
  if (!activity.cooling) activity.mode = leaving;
  return activity;
}

}  // namespace scale
