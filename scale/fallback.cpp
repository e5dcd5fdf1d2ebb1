#include "scale/fallback.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "scale/hpa/age.h"

namespace scale {

std::int32_t failures(Timestamp since, Duration polling, Timestamp now) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  const Duration age = std::max(hpa::age(since, now), Duration{});
  const std::int64_t polls = polling > Duration{} ? age / polling : most;
  return static_cast<std::int32_t>(std::min(polls, most - 1) + 1);
}

Timestamp fallback_begins(Timestamp since, Duration polling, std::int32_t threshold) {
  std::int64_t wait = 0;
  if (__builtin_mul_overflow(polling.count(), std::int64_t{threshold}, &wait))
    wait = std::numeric_limits<std::int64_t>::max();
  return hpa::after(since, Duration{std::max<std::int64_t>(wait, 0)});
}

Replicas fallback_replicas(const Fallback& fallback, Replicas current) {
  switch (fallback.kind) {
    case Fallback::Kind::current:
      return current;
    case Fallback::Kind::current_if_higher:
      return std::max(current, fallback.replicas);
    case Fallback::Kind::current_if_lower:
      return std::min(current, fallback.replicas);
    case Fallback::Kind::fixed:
    case Fallback::Kind::modifiers:
      break;
  }
  return fallback.replicas;
}

std::optional<double> fallback_value(FallbackQuestion q) {
  const double thousandths = q.target * 1000;
  if (q.type == MetricType::average_value) return std::trunc(thousandths * q.replicas) / 1000;
  if (q.ready <= 0) return std::nullopt;
  return std::trunc(thousandths * (static_cast<double>(q.replicas) / q.ready)) / 1000;
}

}  // namespace scale
