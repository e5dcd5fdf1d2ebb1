#include "tsdb/quantile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tsdb {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

ExplicitHistogram bounded(std::vector<double> bounds, std::vector<std::uint64_t> counts) {
  ExplicitHistogram made{.bounds = std::move(bounds), .counts = std::move(counts)};
  for (const auto count : made.counts) made.observed.count += count;
  return made;
}

ExponentialHistogram exponential(ExponentialHistogram made) {
  made.observed.count = made.zero_count;
  for (const auto* side : {&made.positive, &made.negative}) {
    for (const auto count : side->counts) made.observed.count += count;
  }
  return made;
}

TEST(Quantile, IsWhatPrometheusComputes) {
  struct Case {
    const char* name;
    Histogram histogram;
    double q;
    double want;
  };
  const auto usual = bounded({1, 2, 4}, {1, 2, 3, 4});
  const auto positive = exponential({.positive = {-1, {1, 2, 1}}});
  const auto negative = exponential({.negative = {-1, {1, 2, 1}}});
  const auto zeros = exponential({.zero_count = 2, .zero_threshold = 0.5, .positive = {0, {2}}});
  const auto zeros_below =
      exponential({.zero_count = 2, .zero_threshold = 0.5, .negative = {0, {2}}});
  const auto around = exponential(
      {.zero_count = 4, .zero_threshold = 0.5, .positive = {0, {2}}, .negative = {0, {2}}});
  const Case cases[] = {
      {"within a bucket", usual, 0.5, 2 + 2 * (2.0 / 3)},
      {"the first bucket begins at 0", usual, 0.05, 0.5},
      {"the last bucket has no end", usual, 0.99, 4},
      {"none", usual, 0, 0},
      {"all", usual, 1, 4},
      {"below none", usual, -0.1, -infinity},
      {"above all", usual, 1.1, infinity},
      {"not a number", usual, nan, nan},
      {"no observations", bounded({1}, {0, 0}), 0.5, nan},
      {"one bucket", bounded({}, {5}), 0.5, nan},
      {"a first bound below 0", bounded({-1, 1}, {2, 2, 0}), 0.25, -1},
      {"across 0", bounded({-1, 1}, {2, 2, 0}), 0.75, 0},
      {"an exponential bucket is divided by its logarithm", positive, 0.5, std::sqrt(2.0)},
      {"from below", positive, 0.125, 0.5 * std::sqrt(2.0)},
      {"from above", positive, 0.875, 2 * std::sqrt(2.0)},
      {"the least", positive, 0, 0.5},
      {"the greatest", positive, 1, 4},
      {"negative ones are their mirror", negative, 0.125, -2 * std::sqrt(2.0)},
      {"the middle of the mirror", negative, 0.5, -std::sqrt(2.0)},
      {"zeros begin at 0", zeros, 0.25, 0.25},
      {"zeros end at 0", zeros_below, 0.75, -0.25},
      {"zeros reach to both sides", around, 0.375, -0.25},
      {"the middle of zeros", around, 0.5, 0},
      {"an exponential one without observations", exponential({}), 0.5, nan},
      {"half of all doubles in one bucket", exponential({.scale = -11, .positive = {0, {1}}}), 0.5,
       std::exp2(512)},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const double got = quantile(c.q, c.histogram);
    if (std::isnan(c.want)) {
      EXPECT_TRUE(std::isnan(got)) << got;
    } else if (std::isinf(c.want)) {
      EXPECT_EQ(got, c.want);
    } else {
      EXPECT_NEAR(got, c.want, 1e-12 * std::max(1.0, std::abs(c.want)));
    }
  }
}

// NaNs are counted but are in no bucket.
TEST(Quantile, TakesNaNsForTheGreatest) {
  auto histogram = exponential({.positive = {0, {2}}});
  histogram.observed.count = 4;
  histogram.observed.sum = nan;
  EXPECT_DOUBLE_EQ(quantile(0.25, histogram), std::sqrt(2.0));
  EXPECT_DOUBLE_EQ(quantile(0.75, histogram), 2);
}

}  // namespace
}  // namespace tsdb
