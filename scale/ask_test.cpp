#include "scale/ask.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace scale {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr Replicas most = std::numeric_limits<Replicas>::max();

TEST(Milli, RoundsToThreeDecimals) {
  struct Case {
    double value;
    double want;
  };
  const Case cases[] = {
      {0, 0},
      {1, 1000},
      {0.1, 100},
      {0.3, 300},
      {0.1 + 0.2, 300},
      {2.5, 2500},
      {1234567.891, 1234567891},
      // Ties as the exact decimal expansion has them: 1.0005 is a little below its tie, 0.0015 a
      // little above.
      {1.0005, 1000},
      {0.0015, 2},
      {0.0005, 1},
      {0.0625, 62},
      {0.1875, 188},
      {0.0004, 0},
      {-5, 0},
      {std::nan(""), 0},
      {inf, 0},
      {-inf, 0},
      {1e16, 1e19},
      {1e308, std::numeric_limits<double>::max()},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.value);
    EXPECT_EQ(milli(c.value), c.want);
  }
}

TEST(Ask, DividesTheValueByTheTarget) {
  struct Case {
    const char* name;
    double value;
    double target;
    Replicas current;
    Replicas want;
  };
  const Case cases[] = {
      {"exact", 50, 10, 1, 5},
      {"rounds up", 42, 10, 1, 5},
      {"zero asks for nothing", 0, 10, 3, 0},
      {"negative asks for nothing", -7, 10, 3, 0},
      {"from zero there is no tolerance", 11, 10, 0, 2},
      {"zero of zero", 0, 10, 0, 0},
      {"0.3 of 0.1 is three", 0.3, 0.1, 1, 3},
      {"0.1 + 0.2 of 0.1 is three", 0.1 + 0.2, 0.1, 1, 3},
      {"0.6 of 0.2 is three", 0.6, 0.2, 1, 3},
      {"0.7 of 0.1 is seven", 0.7, 0.1, 1, 7},
      {"1.1 of 0.1 is eleven", 1.1, 0.1, 1, 11},
      {"2.9999 counts as 3", 2.9999, 1, 0, 3},
      {"below a milli counts as 0", 0.0004, 0.001, 0, 0},
      {"a tiny target keeps plain numbers", 0.0009, 0.0003, 0, 3},
      {"saturates", 1e300, 1, 1, most},
      {"saturates at the integer", 2147483648.0, 1, 1, most},
      {"huge of huge", 4e300, 1e300, 1, 4},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(ask(c.value, {.target = c.target, .current = c.current}).proposed, c.want);
  }
}

// Every whole number of replicas that a decimal target can give, near the rounding edge.
TEST(Ask, DecimalTargetsGiveTheCountThatPeopleExpect) {
  for (int tenths = 1; tenths <= 50; ++tenths) {
    for (int replicas = 1; replicas <= 200; ++replicas) {
      const double target = tenths / 10.0;
      const double value = tenths * replicas / 10.0;
      EXPECT_EQ(ask(value, {.target = target}).wanted, replicas) << value << " of " << target;
      EXPECT_EQ(ask(value + 0.001, {.target = target}).wanted, replicas + 1)
          << value << " and a milli of " << target;
    }
  }
}

TEST(Ask, KeepsTheCountWithinTolerance) {
  struct Case {
    const char* name;
    double value;
    double target;
    Replicas current;
    hpa::Tolerance tolerance;
    Replicas want;
  };
  const Case cases[] = {
      {"upper end is inside", 55, 10, 5, {}, 5},
      {"above the upper end", 55.1, 10, 5, {}, 6},
      {"lower end is inside", 45, 10, 5, {}, 5},
      {"below the lower end", 44.9, 10, 5, {}, 5},
      {"below the lower end, fewer", 35, 10, 5, {}, 4},
      {"ratio 1.1 as 110 of 100", 110, 100, 1, {}, 1},
      {"ratio 0.9 as 90 of 100", 90, 100, 1, {}, 1},
      {"exactly on target", 50, 10, 5, {}, 5},
      {"without tolerance", 50.1, 10, 5, {.down = 0, .up = 0}, 6},
      {"only up", 44, 10, 5, {.down = 0, .up = 0.5}, 5},
      {"wide up", 75, 10, 5, {.down = 0.1, .up = 0.5}, 5},
      {"wide up, passed", 76, 10, 5, {.down = 0.1, .up = 0.5}, 8},
      {"down 1 never asks for less", 0, 10, 5, {.down = 1, .up = 0.1}, 5},
      {"zero replicas are within nothing", 0, 10, 0, {.down = 1, .up = 1}, 0},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Yardstick y{.target = c.target, .current = c.current, .tolerance = c.tolerance};
    EXPECT_EQ(ask(c.value, y).proposed, c.want);
  }
}

TEST(Ask, SaysWhatItWouldHaveWantedWithoutTolerance) {
  const Ask asked = ask(52, {.target = 10, .current = 5});
  EXPECT_EQ(asked.wanted, 6);
  EXPECT_EQ(asked.proposed, 5);
  EXPECT_DOUBLE_EQ(asked.ratio, 1.04);
}

TEST(Ask, AValueTargetMultipliesTheReadyPods) {
  struct Case {
    const char* name;
    double value;
    double target;
    Replicas current;
    Replicas ready;
    Replicas want;
  };
  const Case cases[] = {
      {"twice the target, twice the pods", 20, 10, 3, 3, 6},
      {"half of it, half of them", 5, 10, 4, 4, 2},
      {"only ready pods count", 20, 10, 4, 3, 6},
      {"none ready", 20, 10, 4, 0, 0},
      {"within tolerance, whatever is ready", 11, 10, 4, 2, 4},
      {"from zero the ratio, without tolerance", 10.5, 10, 0, 0, 2},
      {"0.14 of 50 is 8", 0.14, 1, 50, 50, 8},
      {"saturates", 1e300, 1, 4, 4, most},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(
        ask(c.value,
            {.target = c.target, .type = MetricType::value, .current = c.current, .ready = c.ready})
            .proposed,
        c.want);
  }
}

}  // namespace
}  // namespace scale
