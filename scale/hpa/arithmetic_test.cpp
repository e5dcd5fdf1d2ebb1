#include "scale/hpa/arithmetic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace scale::hpa {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(Conversions, SaturateInsteadOfBeingUndefined) {
  struct Case {
    double value;
    Replicas cut, up;
  };
  const Case cases[] = {
      {2.5, 2, 3},
      {-2.5, -2, -2},
      {7.000000000000001, 7, 8},
      {2147483647.0, replicas_max, replicas_max},
      {2147483646.5, 2147483646, replicas_max},
      {2147483648.0, replicas_max, replicas_max},
      {-2147483649.0, replicas_min, replicas_min},
      {1e300, replicas_max, replicas_max},
      {infinity, replicas_max, replicas_max},
      {-infinity, replicas_min, replicas_min},
      {nan, 0, 0},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.value);
    EXPECT_EQ(to_replicas(c.value), c.cut);
    EXPECT_EQ(ceil_replicas(c.value), c.up);
  }
  EXPECT_EQ(ceil_milli(9.3e18), milli_max);
  EXPECT_EQ(ceil_milli(-9.3e18), milli_min);
  EXPECT_EQ(to_replicas(std::int64_t{1} << 40), replicas_max);
  EXPECT_EQ(to_replicas(-(std::int64_t{1} << 40)), replicas_min);
}

TEST(Sums, Saturate) {
  EXPECT_EQ(add(milli_max, 1), milli_max);
  EXPECT_EQ(add(milli_min, -1), milli_min);
  EXPECT_EQ(add(milli_max, milli_min), -1);
  EXPECT_EQ(sum_for_value(std::vector<Milli>{400, -1000}), -600);
  EXPECT_EQ(sum_for_value(std::vector<Milli>{milli_max, 5}), milli_max);
}

TEST(Sums, ANegativeAverageSumAsksForTheMost) {
  EXPECT_EQ(sum_for_average(std::vector<Milli>{400, 600}), 1000);
  EXPECT_EQ(sum_for_average(std::vector<Milli>{1000, -400}), 600);
  EXPECT_EQ(sum_for_average(std::vector<Milli>{400, -1000, 5}), milli_max);
  EXPECT_EQ(sum_for_average(std::vector<Milli>{milli_max, 1, -5}), milli_max);
  EXPECT_EQ(sum_for_average(std::vector<Milli>{}), 0);
}

TEST(Tolerance, BothEndsAreInside) {
  struct Case {
    double ratio;
    Tolerance tolerance;
    bool inside;
  };
  const Case cases[] = {
      {1.1, {}, true},
      {1.1000000000000003, {}, false},
      {0.9, {}, true},
      {0.89, {}, false},
      {1.0, {0, 0}, true},
      {1.01, {0, 0}, false},
      {11, {0.1, 10}, true},
      {0, {1, 0.1}, true},
      {infinity, {1, 1e300}, false},
      {nan, {1, 1}, false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(within(c.ratio, c.tolerance), c.inside) << c.ratio;
  }
}

TEST(AverageTarget, ProposesTheStatusCountWithinTolerance) {
  struct Case {
    const char* name;
    AverageQuestion question;
    Replicas proposed;
  };
  const Case cases[] = {
      {"within", {3200, 1000, 3}, 3},
      {"above", {5000, 1000, 3}, 5},
      {"a bit more is a whole one", {5001, 1000, 3}, 6},
      {"nothing", {0, 1000, 3}, 0},
      {"nothing, from nothing", {0, 1000, 0}, 0},
      {"from nothing there is no tolerance", {1, 1000, 0}, 1},
      {"negative", {-1500, 1000, 2}, -1},
      {"enormous", {milli_max, 1, 2}, replicas_max},
      {"a target of zero asks for the most", {5, 0, 2}, replicas_max},
      {"zero of zero asks for nothing", {0, 0, 2}, 0},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(propose_average(c.question, {}), c.proposed);
  }
}

TEST(AverageTarget, ReportsTheAverage) {
  EXPECT_EQ(average_per_replica(10000, 4), 2500);
  EXPECT_EQ(average_per_replica(10001, 4), 2501);
  EXPECT_EQ(average_per_replica(20000, 0), 0);
  EXPECT_EQ(average_per_replica(milli_max, 3), milli_max);
  EXPECT_EQ(average_per_replica(milli_max, 0), 0);
}

TEST(ValueTarget, MultipliesByReadyPods) {
  struct Case {
    const char* name;
    ValueQuestion question;
    std::int64_t ready;
    bool needs;
    Replicas proposed;
  };
  const Case cases[] = {
      {"within tolerance no pod is looked at", {10500, 10000, 4}, 0, false, 4},
      {"from zero there is no tolerance", {1000, 1000, 0}, 0, false, 1},
      {"twice", {2000, 1000, 3}, 3, true, 6},
      {"ratio first, then times", {140, 1000, 50}, 50, true, 8},
      {"nobody is ready", {2000, 1000, 3}, 0, true, 0},
      {"negative", {-600, 1000, 2}, 2, true, -1},
      {"capped", {milli_max, 1, 2}, 5000, true, replicas_max},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(needs_ready_pods(c.question, {}), c.needs);
    EXPECT_EQ(propose_value(c.question, c.ready, {}), c.proposed);
  }
}

}  // namespace
}  // namespace scale::hpa
