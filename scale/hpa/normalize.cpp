#include "scale/hpa/normalize.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace scale::hpa {
namespace {

using enum Condition::Status;

// In the order of Held.
constexpr std::array<std::string_view, 3> held_messages = {
    "recommended size matches current size",
    "recent recommendations were higher than current one, applying the highest recent "
    "recommendation",
    "recent recommendations were lower than current one, applying the lowest recent "
    "recommendation",
};

// In the order of LimitReason.
constexpr std::array<std::string_view, 5> limit_messages = {
    "the desired count is within the acceptable range",
    "the desired replica count is less than the minimum replica count",
    "the desired replica count is more than the maximum replica count",
    "the desired replica count is increasing faster than the maximum scale rate",
    "the desired replica count is decreasing faster than the maximum scale rate",
};

NewCondition held_condition(Held held) {
  return {condition::able_to_scale, yes, to_string(held),
          held_messages[static_cast<std::size_t>(held)]};
}

NewCondition limit_condition(const Limited& limited) {
  return {condition::scaling_limited, limited.reason == LimitReason::within_range ? no : yes,
          to_string(limited.reason), limit_messages[static_cast<std::size_t>(limited.reason)]};
}

Normalized normalize_plain(const Spec& spec, Move move, Duration window, History history,
                           Timestamp now) {
  Recommendations& log = *history.recommendations;
  const Replicas stable = stabilize_down(move.desired, log, window, now);
  log = remember(std::move(log), move.desired, window, now);
  const Limited limited =
      limit_plain({move.current, stable}, {.min = min_replicas(spec), .max = spec.max});
  return {.replicas = limited.replicas,
          .able = held_condition(held_plain(move.desired, stable)),
          .limited = limit_condition(limited),
          .history = std::move(history)};
}

Normalized normalize_by_behavior(const Spec& spec, Move move, Windows windows, History history,
                                 Timestamp now) {
  Recommendations& log = *history.recommendations;
  const Replicas stable = stabilize(move, log, windows, now);
  log = remember(std::move(log), move.desired, std::max(windows.up, windows.down), now);
  const Limited limited =
      limit({move.current, stable}, {.min = min_replicas(spec), .max = spec.max}, *spec.behavior,
            history.events, now);
  return {.replicas = limited.replicas,
          .able = held_condition(held(move, stable)),
          .limited = limit_condition(limited),
          .history = std::move(history)};
}

}  // namespace

Normalized normalize(const Spec& spec, Move move, const Config& config, History history,
                     Timestamp now) {
  CHECK(history.recommendations.has_value());
  const Duration setting = config.downscale_stabilization;
  if (!spec.behavior) return normalize_plain(spec, move, setting, std::move(history), now);
  const Windows windows{.up = spec.behavior->up.window.value_or(Duration::zero()),
                        .down = spec.behavior->down.window.value_or(setting)};
  return normalize_by_behavior(spec, move, windows, std::move(history), now);
}

}  // namespace scale::hpa
