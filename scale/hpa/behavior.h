#pragma once

// The behaviour block of a specification, after defaulting. Plain values.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "scale/hpa/arithmetic.h"

namespace scale::hpa {

enum class PolicyType : std::uint8_t { pods, percent };
enum class SelectPolicy : std::uint8_t { max, min, disabled };

// How much may change within a period.
struct Policy {
  PolicyType type = PolicyType::pods;
  std::int32_t value = 0;  // pods, or percent of the count when the period began
  Duration period{};
  bool operator==(const Policy&) const = default;
};

// One direction. An empty list of policies allows no change with select max, any with select min.
struct Rules {
  std::optional<Duration> window;  // of stabilisation; none: the controller's setting
  SelectPolicy select = SelectPolicy::max;
  std::vector<Policy> policies;
  std::optional<double> tolerance;  // none: the controller's setting
  bool operator==(const Rules&) const = default;
};

struct Behavior {
  Rules up;
  Rules down;
  bool operator==(const Behavior&) const = default;
};

// Up: no window; the larger of 4 pods and 100 % per 15 s. Down: the controller's window; 100 % per
// 15 s.
Rules default_up();
Rules default_down();

// The longest period of the policies; 0 without any.
Duration longest_period(const Rules& rules);

// The span of whole seconds as autoscaling/v2 writes spans; any int32 fits a Duration.
constexpr Duration seconds_span(std::int32_t count) {
  return std::chrono::seconds(count);
}

}  // namespace scale::hpa
