#include "scale/activity.h"

#include <algorithm>

#include "scale/hpa/age.h"

namespace scale {
namespace {

// The last moment of activity that is known, in a past that clocks agree on.
std::optional<Timestamp> last_active(const Inputs& in, bool active,
                                     std::span<const Proposal> proposals) {
  const std::optional<Timestamp> before = in.history.last_active;
  const bool stopped = in.spec.keda.errors_stop_last_active && active && !in.starts() &&
                       std::ranges::any_of(proposals, is_fault);
  if ((active || in.history.active) && !stopped) return in.now;
  return before ? std::optional(std::min(*before, in.now)) : std::nullopt;
}

void note_cooldown(const Inputs& in, Activity& activity) {
  const bool ever = activity.last_active.has_value();
  activity.since = ever ? *activity.last_active : std::min(in.workload.object_created, in.now);
  activity.rest_at = hpa::after(activity.since, ever ? in.spec.cooldown : in.spec.initial_cooldown);
}

}  // namespace

Activity judge(const Inputs& in, std::span<const Proposal> proposals) {
  const bool by_trigger = std::ranges::any_of(proposals, &Proposal::active);
  Activity activity{.active = by_trigger || in.spec.force_activation,
                    .forced = in.spec.force_activation && !by_trigger};
  activity.last_active = last_active(in, activity.active, proposals);
  note_cooldown(in, activity);
  if (activity.active) return activity;
  if (!in.spec.idle && in.spec.min > 0) return activity;
  activity.rest = in.spec.idle.value_or(0);
  if (in.current() <= activity.rest) {
    activity.phase = Phase::resting;
    activity.rest = in.current();
    return activity;
  }
  if (rest_forbidden(in.spec, voters(in.spec, proposals))) return activity;
  activity.phase = in.now < activity.rest_at ? Phase::cooling : Phase::leaving;
  return activity;
}

}  // namespace scale
