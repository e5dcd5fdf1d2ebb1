#pragma once

// The numbers of one metric: tolerance, ratios, ceilings, sums. Pure, and nothing allocates.
//
// Amounts are integers in thousandths ("milli"). Doubles are IEEE doubles, evaluated in exactly the
// order written and never fused (the build says -ffp-contract=off): 0.14 * 50 must stay
// 7.000000000000001. Source of all of it: autoscaling/v2.

#include <cstdint>
#include <limits>
#include <span>

namespace scale::hpa {

using Replicas = std::int32_t;
using Milli = std::int64_t;

inline constexpr Replicas replicas_max = std::numeric_limits<Replicas>::max();
inline constexpr Replicas replicas_min = std::numeric_limits<Replicas>::min();
inline constexpr Milli milli_max = std::numeric_limits<Milli>::max();
inline constexpr Milli milli_min = std::numeric_limits<Milli>::min();

// Conversions that cannot be undefined: what is beyond the type becomes its end, NaN becomes 0.
// to_replicas cuts towards zero, ceil_replicas rounds up.
Replicas to_replicas(double value);
Replicas ceil_replicas(double value);
Milli ceil_milli(double value);
// Clamped into the type.
Replicas to_replicas(std::int64_t value);
// a + b, kept within the type.
Milli add(Milli a, Milli b);

// How far a ratio may be from 1 without asking for a change.
struct Tolerance {
  double down = 0.1;
  double up = 0.1;
  bool operator==(const Tolerance&) const = default;
};

// (1.0 - down) <= ratio and ratio <= (1.0 + up): both ends are inside. NaN is outside.
bool within(double ratio, Tolerance tolerance);

// What an averageValue target of an Object or External metric asks for. `replicas` is the *status*
// count: within tolerance it is what is proposed.
struct AverageQuestion {
  Milli total = 0;
  Milli target = 0;
  Replicas replicas = 0;
};
Replicas propose_average(AverageQuestion question, Tolerance tolerance);

// The reported average: ceil(total / replicas); 0 at 0 replicas; the largest Milli stays itself.
Milli average_per_replica(Milli total, Replicas replicas);

// What a value target asks for depends on the number of ready pods, and only sometimes: `replicas`
// is the spec count, `ready_pods` is read when needs_ready_pods() says so.
struct ValueQuestion {
  Milli total = 0;
  Milli target = 0;
  Replicas replicas = 0;
};
bool needs_ready_pods(ValueQuestion question, Tolerance tolerance);
// At 0 replicas: ceil(ratio), without tolerance. Within tolerance: `replicas`. Otherwise
// ceil(ratio * ready_pods).
Replicas propose_value(ValueQuestion question, std::int64_t ready_pods, Tolerance tolerance);

// The total of an External metric's series. For a value target: saturating.
Milli sum_for_value(std::span<const Milli> series);
// For an averageValue target: the first time the running sum is below zero it becomes the largest
// Milli and summing stops. Meant for overflow; a negative series has the same effect.
Milli sum_for_average(std::span<const Milli> series);

}  // namespace scale::hpa
