#include "scale/extremes.h"

#include <algorithm>
#include <limits>

#include "scale/hpa/age.h"

namespace scale {
namespace {

// Whether `a` makes `b` meaningless when it comes later.
bool outdoes(Replicas a, Replicas b, Extreme extreme) {
  return extreme == Extreme::high ? a >= b : a <= b;
}

std::int64_t period_of(Timestamp at, Duration period) {
  return at.ns / std::max<std::int64_t>(period.count(), 1);
}

// How late `r` is when it moves to `to`; rounded up, saturating.
std::uint32_t later(const History::Recommendation& r, Timestamp to) {
  constexpr std::int64_t ns_per_us = 1000;
  const std::int64_t us = (hpa::age(r.at, to).count() + ns_per_us - 1) / ns_per_us + r.late_us;
  constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(us, 0, most));
}

}  // namespace

bool counts(Timestamp at, Reach reach, Timestamp now) {
  const Duration age = hpa::age(at, now);
  return reach.inclusive ? age <= reach.window : age < reach.window;
}

Timestamp leaves(Timestamp at, Reach reach) {
  return hpa::after(hpa::after(at, reach.window), Duration{reach.inclusive ? 1 : 0});
}

void note(Recommendations& all, Extreme extreme, History::Recommendation fresh, Duration period) {
  while (!all.empty() && outdoes(fresh.replicas, all.back().replicas, extreme)) all.pop_back();
  if (!all.empty() && period_of(all.back().at, period) == period_of(fresh.at, period)) {
    all.back().late_us = later(all.back(), fresh.at);
    all.back().at = fresh.at;
  } else {
    all.push_back(fresh);
  }
}

void forget(Recommendations& all, Reach reach, Timestamp now) {
  std::erase_if(all, [&](const auto& r) { return !counts(r.at, reach, now); });
  for (auto& r : all) r.at = std::min(r.at, now);
}

std::optional<Replicas> extreme_of(const Recommendations& all, Reach reach, Timestamp now) {
  // The oldest that counts is the most extreme.
  for (const auto& r : all) {
    if (counts(r.at, reach, now)) return r.replicas;
  }
  return std::nullopt;
}

std::optional<Replicas> true_extreme_of(const Recommendations& all, Reach reach, Timestamp now) {
  for (const auto& r : all) {
    if (counts(r.at - std::chrono::microseconds(r.late_us), reach, now)) return r.replicas;
  }
  return std::nullopt;
}

std::optional<Timestamp> release(const Recommendations& all, Extreme extreme, Replicas replicas,
                                 Reach reach, Timestamp now) {
  std::optional<Timestamp> at;
  for (const auto& r : all) {
    if (counts(r.at, reach, now) && outdoes(r.replicas, replicas, extreme))
      at = leaves(r.at, reach);
  }
  return at;
}

History::Recommendation repeated(History::Recommendation last, Duration period, Timestamp now) {
  const std::int64_t step = std::max<std::int64_t>(period.count(), 1);
  const std::int64_t since = hpa::age(last.at, now).count();
  if (since > 1) last.at = last.at + Duration{(since - 1) / step * step};
  return last;
}

}  // namespace scale
