#include "scale/fallback.h"

#include <gtest/gtest.h>

#include <limits>

#include "scale/testing/scenes.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using Kind = Fallback::Kind;

TEST(Failures, OneAtOnceAndOneMorePerPoll) {
  struct Case {
    Duration age;
    Duration polling;
    std::int32_t want;
  };
  const Case cases[] = {
      {0s, 30s, 1},
      {29s, 30s, 1},
      {30s, 30s, 2},
      {90s, 30s, 4},
      {-5s, 30s, 1},
      {5s, 1s, 6},
      {1h, 30s, 121},
      {1h, 0s, std::numeric_limits<std::int32_t>::max()},
      {100h * 24 * 365, 1ns, std::numeric_limits<std::int32_t>::max()},
  };
  for (const auto& c : cases) EXPECT_EQ(failures(at(0s), c.polling, at(c.age)), c.want);
}

TEST(FallbackBegins, WithTheFailureAfterTheThreshold) {
  for (const std::int32_t threshold : {0, 1, 3, 1000}) {
    const Timestamp begins = fallback_begins(at(7s), 30s, threshold);
    EXPECT_EQ(failures(at(7s), 30s, begins), threshold + 1);
    if (threshold > 0) EXPECT_EQ(failures(at(7s), 30s, begins - 1ns), threshold);
  }
  constexpr auto most = std::numeric_limits<std::int32_t>::max();
  EXPECT_EQ(fallback_begins(at(0s), 24h * 365 * 200, most).ns,
            std::numeric_limits<std::int64_t>::max());
}

// KEDA's worked examples: F is fallback.replicas, C the current count.
TEST(FallbackValue, FollowsKedasExamples) {
  struct Case {
    const char* name;
    MetricType type;
    double target;
    Kind kind;
    Replicas f;
    Replicas c;
    Replicas ready;
    std::optional<double> want;
  };
  using enum MetricType;
  const Case cases[] = {
      {"average, static", average_value, 5, Kind::fixed, 6, 2, 0, 30},
      {"average, current", average_value, 5, Kind::current, 6, 2, 0, 10},
      {"average, current if higher", average_value, 5, Kind::current_if_higher, 3, 6, 0, 30},
      {"average, current if lower", average_value, 5, Kind::current_if_lower, 6, 3, 0, 15},
      {"value, static", MetricType::value, 5, Kind::fixed, 6, 4, 4, 7.5},
      {"value, no ready pods", MetricType::value, 5, Kind::fixed, 6, 0, 0, std::nullopt},
      {"composite", average_value, 2, Kind::fixed, 10, 0, 0, 20},
      // The rest of 4.4.
      {"current if higher, lower", average_value, 5, Kind::current_if_higher, 6, 3, 0, 30},
      {"current if lower, higher", average_value, 5, Kind::current_if_lower, 3, 6, 0, 15},
      {"modifiers, where the formula is nil", average_value, 2, Kind::modifiers, 3, 9, 0, 6},
      {"a target that is no whole number", average_value, 2.5, Kind::fixed, 3, 0, 0, 7.5},
      {"cut to thousandths", MetricType::value, 1, Kind::fixed, 1, 3, 3, 0.333},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Replicas n = fallback_replicas({.replicas = c.f, .kind = c.kind}, c.c);
    EXPECT_EQ(fallback_value({.target = c.target, .type = c.type, .replicas = n, .ready = c.ready}),
              c.want);
  }
}

}  // namespace
}  // namespace scale
