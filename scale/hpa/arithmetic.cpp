#include "scale/hpa/arithmetic.h"

#include <cmath>
#include <concepts>

namespace scale::hpa {
namespace {

template <std::signed_integral Integer>
Integer saturated(double value) {
  using Limits = std::numeric_limits<Integer>;
  // One above the largest integer is a power of two, hence exact in a double.
  const double end = -static_cast<double>(Limits::min());
  if (std::isnan(value)) return 0;
  if (value >= end) return Limits::max();
  if (value <= -end) return Limits::min();
  return static_cast<Integer>(value);
}

double ratio_of(ValueQuestion q) {
  return static_cast<double>(q.total) / static_cast<double>(q.target);
}

}  // namespace

Replicas to_replicas(double value) {
  return saturated<Replicas>(value);
}

Replicas ceil_replicas(double value) {
  return saturated<Replicas>(std::ceil(value));
}

Milli ceil_milli(double value) {
  return saturated<Milli>(std::ceil(value));
}

Replicas to_replicas(std::int64_t value) {
  if (value > replicas_max) return replicas_max;
  return value < replicas_min ? replicas_min : static_cast<Replicas>(value);
}

Milli add(Milli a, Milli b) {
  Milli sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? milli_max : milli_min;
}

bool within(double ratio, Tolerance tolerance) {
  return (1.0 - tolerance.down) <= ratio && ratio <= (1.0 + tolerance.up);
}

Replicas propose_average(AverageQuestion q, Tolerance tolerance) {
  const double total = static_cast<double>(q.total);
  const double target = static_cast<double>(q.target);
  const double ratio = total / (target * static_cast<double>(q.replicas));
  return within(ratio, tolerance) ? q.replicas : ceil_replicas(total / target);
}

Milli average_per_replica(Milli total, Replicas replicas) {
  if (replicas == 0) return 0;
  if (total == milli_max) return total;
  return ceil_milli(static_cast<double>(total) / static_cast<double>(replicas));
}

bool needs_ready_pods(ValueQuestion q, Tolerance tolerance) {
  return q.replicas != 0 && !within(ratio_of(q), tolerance);
}

Replicas propose_value(ValueQuestion q, std::int64_t ready_pods, Tolerance tolerance) {
  const double ratio = ratio_of(q);
  if (q.replicas == 0) return ceil_replicas(ratio);
  if (within(ratio, tolerance)) return q.replicas;
  return ceil_replicas(ratio * static_cast<double>(ready_pods));
}

Milli sum_for_value(std::span<const Milli> series) {
  Milli sum = 0;
  for (const Milli value : series) sum = add(sum, value);
  return sum;
}

Milli sum_for_average(std::span<const Milli> series) {
  Milli sum = 0;
  for (const Milli value : series) {
    // The sum is never negative here, so only the upper end can be passed.
    if (__builtin_add_overflow(sum, value, &sum) || sum < 0) return milli_max;
  }
  return sum;
}

}  // namespace scale::hpa
