#pragma once

// What an HPA's status holds, and what a pass leaves for the next one. Plain values.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "scale/hpa/metrics.h"
#include "scale/hpa/scale_events.h"
#include "scale/hpa/stabilize.h"

namespace scale::hpa {

namespace condition {
inline constexpr std::string_view able_to_scale = "AbleToScale";
inline constexpr std::string_view scaling_active = "ScalingActive";
inline constexpr std::string_view scaling_limited = "ScalingLimited";
inline constexpr std::string_view scaled_to_zero = "ScaledToZero";
}  // namespace condition

struct Condition {
  enum class Status : std::uint8_t { no, yes, unknown };
  std::string type;
  Status status = Status::unknown;
  std::string reason;
  std::string message;
  Timestamp since;  // lastTransitionTime: when `status` last changed
  bool operator==(const Condition&) const = default;
};
using Conditions = std::vector<Condition>;

const Condition* find(const Conditions& conditions, std::string_view type);

// The conditions with this one set: in its place, or at the end when the type is new. `since` moves
// to now only when the status differs. Allocates only when a text grows.
struct NewCondition {
  std::string_view type;
  Condition::Status status;
  std::string_view reason;
  std::string_view message;
};
Conditions with(Conditions conditions, const NewCondition& condition, Timestamp now);
Conditions without(Conditions conditions, std::string_view type);

struct Status {
  std::optional<std::int64_t> observed_generation;
  std::optional<Timestamp> last_scale_time;
  Replicas current = 0;  // the spec count, not the number of pods
  Replicas desired = 0;
  std::vector<MetricStatus> metrics;
  Conditions conditions;
  bool operator==(const Status&) const = default;
};

// In memory only: a restarted controller starts with none.
struct History {
  std::optional<Recommendations> recommendations;  // none: this HPA was never seen
  ScaleEvents events;
  bool operator==(const History&) const = default;
};

struct Event {
  enum class Type : std::uint8_t { normal, warning };
  Type type = Type::warning;
  std::string reason;
  std::string message;
  bool operator==(const Event&) const = default;
};

// The text of a reported amount: DecimalSI, but BinarySI for memory.
std::string status_quantity(std::string_view resource, Milli milli);

}  // namespace scale::hpa
