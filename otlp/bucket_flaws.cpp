#include "otlp/bucket_flaws.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace otlp {
namespace {

std::uint64_t total(std::span<const std::uint64_t> counts) {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : counts) sum = tsdb::saturating_add(sum, count);
  return sum;
}

// NaN ascends to nothing.
bool ascend(std::span<const double> bounds) {
  if (bounds.size() == 1) return !std::isnan(bounds.front());
  const auto stops = [](double a, double b) { return !(a < b); };
  return std::ranges::adjacent_find(bounds, stops) == bounds.end();
}

bool fits(const tsdb::BucketsView& buckets) {
  constexpr std::int64_t last = std::numeric_limits<std::int32_t>::max();
  return buckets.offset + std::ssize(buckets.counts) - 1 <= last;
}

std::optional<Flaw> flaw_in(const tsdb::ExplicitView& buckets, std::uint64_t count) {
  if (buckets.bounds.size() > bounds_max) return Flaw::many_bounds;
  if (buckets.counts.size() != buckets.bounds.size() + 1) return Flaw::number;
  if (!ascend(buckets.bounds)) return Flaw::bounds;
  if (total(buckets.counts) != count) return Flaw::total;
  return std::nullopt;
}

std::optional<Flaw> flaw_in(const tsdb::ExponentialView& buckets, std::uint64_t count) {
  const double width = buckets.zero_threshold;
  if (!std::isfinite(width) || width < 0) return Flaw::zero_threshold;
  if (!fits(buckets.positive) || !fits(buckets.negative)) return Flaw::offset;
  const std::uint64_t signs =
      tsdb::saturating_add(total(buckets.positive.counts), total(buckets.negative.counts));
  if (tsdb::saturating_add(signs, buckets.zero_count) != count) return Flaw::total;
  return std::nullopt;
}

}  // namespace

std::optional<Flaw> flaw_of(const tsdb::HistogramView& histogram) {
  return std::visit([&](const auto& buckets) { return flaw_in(buckets, histogram.observed.count); },
                    histogram.buckets);
}

}  // namespace otlp
