#pragma once

// What a ScaledObject asks for, resolved: defaults filled in, every policy decided. Plain values.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "scale/formula/formula.h"
#include "scale/hpa/behavior.h"
#include "scale/hpa/stabilize.h"

namespace scale {

using hpa::Replicas;

// How a reading stands.
enum class ReadingState : std::uint8_t {
  value,
  absent,  // the source answered: nothing there; pushed: no series has matched since the start
  stale,   // it matched, and the newest sample is older than the window
  error,   // the source failed
  not_a_number,
};

// What becomes of a trigger whose reading is missing.
struct OnMissing {
  enum class Action : std::uint8_t {
    hold,      // its last proposal stands, bounded by evidence
    zero,      // it reads 0
    value,     // it reads `value`
    fallback,  // spec.fallback, once it has failed often enough; until then hold
    ignore,    // the others decide without it
  };
  Action action = Action::hold;
  double value = 0;
  bool operator==(const OnMissing&) const = default;
};

enum class MetricType : std::uint8_t {
  average_value,  // target is what one replica carries
  value,          // target is what the metric should be
};

// One trigger as its manifest states it.
struct TriggerSpec {
  std::string name;       // the manifest's name, or "type-index"
  std::string type;       // "kedify-otel"
  std::string query;      // for people
  double target = 1;      // > 0
  double activation = 0;  // active when value > activation
  MetricType metric_type = MetricType::average_value;
  std::array<OnMissing, 4> on_missing{};  // absent, stale, error, not_a_number

  // state: not value.
  const OnMissing& on(ReadingState state) const {
    return on_missing[static_cast<std::size_t>(state) - 1];
  }
};

struct Fallback {
  enum class Kind : std::uint8_t { fixed, current, current_if_higher, current_if_lower, modifiers };
  std::int32_t failure_threshold = 0;  // fallback begins with the failure after that many
  Replicas replicas = 0;
  Kind kind = Kind::fixed;
};

// scalingModifiers: the triggers are variables of a formula, and its result is the only metric.
struct Modifiers {
  formula::Formula formula;  // its variables are the triggers' names, in order
  std::string text;
  double target = 1;  // > 0
  double activation = 0;
  MetricType metric_type = MetricType::average_value;
};

// KEDA's behaviours that we replaced by better ones and that an object may ask back, each by its
// name in the annotation tidewheel.dev/keda-behavior.
struct KedaBehavior {
  bool fallback_always_active = false;   // B-8: a fallback to 0 replicas starts the workload
  bool pauses_spare_minimum = false;     // B-40: a pause does not stop the raise to the minimum
  bool errors_stop_last_active = false;  // B-5: a failing trigger lets the cooldown of an active
                                         // object run
};

struct Spec {
  Replicas min = 0;
  Replicas max = 100;
  std::optional<Replicas> idle;
  Duration cooldown = std::chrono::seconds(300);
  Duration initial_cooldown{};
  Duration polling = std::chrono::seconds(30);  // how often a failure counts
  // With its defaults filled in. Its presence, not its content, selects the rules.
  std::optional<hpa::Behavior> behavior;
  double tolerance = 0.1;  // where the behaviour block is silent
  Duration downscale_stabilization = std::chrono::seconds(300);  // likewise
  Duration sync_period = std::chrono::seconds(15);  // an HPA's tick, the window of its limits
  std::optional<Fallback> fallback;
  std::optional<Modifiers> modifiers;
  KedaBehavior keda;
  bool paused = false;
  std::optional<Replicas> paused_replicas;
  bool paused_scale_in = false;
  bool paused_scale_out = false;
  bool force_activation = false;
  // Between 1 and N an HPA scales; decided here are KEDA's own steps alone.
  bool hpa_scales = false;
  std::vector<TriggerSpec> triggers;

  hpa::Tolerance tolerances() const {
    if (!behavior) return {.down = tolerance, .up = tolerance};
    return {.down = behavior->down.tolerance.value_or(tolerance),
            .up = behavior->up.tolerance.value_or(tolerance)};
  }
  hpa::Windows windows() const {
    if (!behavior) return {.down = downscale_stabilization};
    return {.up = behavior->up.window.value_or(Duration{}),
            .down = behavior->down.window.value_or(downscale_stabilization)};
  }
  // The lowest count that the arithmetic between 1 and N may give, as of an HPA. Should the minimum
  // be above the maximum, the maximum counts.
  Replicas floor() const { return std::min(std::max(min, 1), max); }
};

}  // namespace scale
