#include "tsdb/quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tsdb {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double greatest = std::numeric_limits<double>::max();

double quantile_in(double q, const ExplicitHistogram& histogram) {
  if (histogram.bounds.empty()) return nan;
  const double rank = q * static_cast<double>(histogram.observed.count);
  double below = 0;
  std::size_t at = 0;
  while (at < histogram.bounds.size()) {
    const auto count = static_cast<double>(histogram.counts[at]);
    if (below + count >= rank) break;
    below += count;
    ++at;
  }
  if (at == histogram.bounds.size()) return histogram.bounds.back();
  const double upper = histogram.bounds[at];
  if (at == 0 && upper <= 0) return upper;
  const double lower = at == 0 ? 0 : histogram.bounds[at - 1];
  return lower + (upper - lower) * ((rank - below) / static_cast<double>(histogram.counts[at]));
}

// Where in its logarithm's range a bucket of one sign is divided.
double exponential(double lower, double upper, double fraction) {
  const auto log = [](double edge) { return std::log2(std::min(std::abs(edge), greatest)); };
  if (lower > 0) return std::exp2(log(lower) + (log(upper) - log(lower)) * fraction);
  return -std::exp2(log(upper) + (log(lower) - log(upper)) * (1 - fraction));
}

double within(const Bucket& bucket, double fraction, const ExponentialHistogram& histogram) {
  if (bucket.edges != Edges::closed) return exponential(bucket.lower, bucket.upper, fraction);
  const bool above = !histogram.positive.counts.empty();
  const bool beneath = !histogram.negative.counts.empty();
  const double lower = above && !beneath ? 0 : bucket.lower;
  const double upper = beneath && !above ? 0 : bucket.upper;
  return lower + (upper - lower) * fraction;
}

// From the nearer end, so that the error of adding up is small where the quantile is extreme.
double quantile_in(double q, const ExponentialHistogram& histogram) {
  const auto buckets = buckets_of(histogram);
  if (buckets.empty()) return nan;
  const bool from_below =
      q < 0.5 || (histogram.observed.sum && std::isnan(*histogram.observed.sum));
  const auto total = static_cast<double>(histogram.observed.count);
  const double rank = (from_below ? q : 1 - q) * total;
  double passed = 0;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    const Bucket& bucket = from_below ? buckets[i] : buckets[buckets.size() - 1 - i];
    const auto count = static_cast<double>(bucket.count);
    if (passed + count >= rank) {
      const double fraction = (rank - passed) / count;
      return within(bucket, from_below ? fraction : 1 - fraction, histogram);
    }
    passed += count;
  }
  return from_below ? std::min(buckets.back().upper, greatest)
                    : std::max(buckets.front().lower, -greatest);
}

}  // namespace

double quantile(double q, const Histogram& histogram) {
  if (std::isnan(q)) return nan;
  if (q < 0) return -infinity;
  if (q > 1) return infinity;
  if (observed(histogram).count == 0) return nan;
  return std::visit([q](const auto& one) { return quantile_in(q, one); }, histogram);
}

}  // namespace tsdb
