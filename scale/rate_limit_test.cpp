#include "scale/rate_limit.h"

#include <gtest/gtest.h>

#include "scale/testing/scenes.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using enum PolicyType;

struct Past {
  int age;  // seconds
  Replicas change;
};

Events events(std::vector<Past> past) {
  Events all;
  for (const auto& p : past)
    all.push_back({.at = at(1h) - std::chrono::seconds(p.age), .change = p.change});
  return all;
}

struct Case {
  const char* name;
  Replicas current;
  SelectPolicy select;
  std::vector<Policy> policies;
  std::vector<Past> past;
  std::optional<Replicas> want;
};

TEST(LimitUp, AppliesThePolicies) {
  using enum SelectPolicy;
  const Case cases[] = {
      {"no policy, no limit", 5, max, {}, {}, {}},
      {"disabled", 5, disabled, {{pods, 4, 15s}}, {}, 5},
      {"pods", 5, max, {{pods, 4, 15s}}, {}, 9},
      {"percent", 5, max, {{percent, 100, 15s}}, {}, 10},
      {"percent rounds up", 5, max, {{percent, 10, 15s}}, {}, 6},
      {"percent in doubles: 50 and 10 % is 56", 50, max, {{percent, 10, 15s}}, {}, 56},
      {"percent cannot leave zero", 0, max, {{percent, 100, 15s}}, {}, 0},
      {"max takes the most", 5, max, {{pods, 4, 15s}, {percent, 100, 15s}}, {}, 10},
      {"min takes the least", 5, min, {{pods, 4, 15s}, {percent, 100, 15s}}, {}, 9},
      {"what was added counts", 5, max, {{pods, 4, 15s}}, {{10, 3}}, 6},
      {"exactly one period old does not", 5, max, {{pods, 4, 15s}}, {{15, 3}}, 9},
      {"never below the current count", 9, max, {{pods, 2, 15s}}, {{10, 6}}, 9},
      {"what was removed counts the other way", 5, max, {{pods, 4, 15s}}, {{10, -3}}, 12},
      {"each policy has its period", 8, min, {{pods, 4, 15s}, {pods, 6, 60s}}, {{30, 3}}, 11},
      {"saturates",
       std::numeric_limits<Replicas>::max(),
       max,
       {{percent, 900, 15s}},
       {},
       std::numeric_limits<Replicas>::max()},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Rules rules{.select = c.select, .policies = c.policies};
    const auto got = limit_up(c.current, rules, events(c.past), at(1h));
    EXPECT_EQ(got ? std::optional(got->replicas) : std::nullopt, c.want);
  }
}

TEST(LimitDown, AppliesThePolicies) {
  using enum SelectPolicy;
  const Case cases[] = {
      {"no policy, no limit", 5, max, {}, {}, {}},
      {"disabled", 5, disabled, {}, {}, 5},
      {"pods", 5, max, {{pods, 2, 15s}}, {}, 3},
      {"percent", 10, max, {{percent, 50, 15s}}, {}, 5},
      {"percent in doubles: 10 less 80 % is 1", 10, max, {{percent, 80, 15s}}, {}, 1},
      {"percent in doubles: 10 less 90 % is 0", 10, max, {{percent, 90, 15s}}, {}, 0},
      {"max takes the most", 10, max, {{pods, 2, 15s}, {percent, 50, 15s}}, {}, 5},
      {"min takes the least", 10, min, {{pods, 2, 15s}, {percent, 50, 15s}}, {}, 8},
      {"what was removed counts", 5, max, {{pods, 4, 15s}}, {{10, -3}}, 4},
      {"never above the current count", 5, max, {{pods, 1, 15s}}, {{10, -3}}, 5},
      {"what was added counts the other way", 5, max, {{pods, 1, 15s}}, {{10, 3}}, 1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Rules rules{.select = c.select, .policies = c.policies};
    const auto got = limit_down(c.current, rules, events(c.past), at(1h));
    EXPECT_EQ(got ? std::optional(got->replicas) : std::nullopt, c.want);
  }
}

TEST(Limit, SaysWhenToLookAgainAndWhichPolicyItWas) {
  const Rules rules{.policies = {{pods, 4, 60s}}};
  const auto limit = limit_up(5, rules, events({{20, 3}, {10, 1}}), at(1h));
  ASSERT_TRUE(limit);
  EXPECT_EQ(limit->again_at, at(1h) + 40s);
  EXPECT_EQ(limit->detail, "scale-up policy allows 4 pods per 1m");
  EXPECT_EQ(limit_up(5, rules, {}, at(1h))->again_at, at(1h) + 60s)
      << "a change made now leaves then";
  EXPECT_EQ(limit_down(5, {.select = SelectPolicy::disabled}, {}, at(1h))->detail,
            "scale-down is disabled by its selectPolicy");
}

TEST(RememberEvents, KeepsTheLongestPeriod) {
  const Rules up{.policies = {{pods, 4, 15s}, {percent, 100, 60s}}};
  EXPECT_EQ(remember(events({{60, 1}, {59, 2}}), 3, up, {}, at(1h)), events({{59, 2}, {0, 3}}));
  EXPECT_EQ(remember(events({{59, 2}}), 0, up, {}, at(1h)), events({{59, 2}}))
      << "no change is no event";
  EXPECT_TRUE(remember(events({{1, 2}}), 3, {}, {}, at(1h)).empty())
      << "without policies nothing is kept";
}

TEST(RememberEvents, IsBounded) {
  const Rules up{.policies = {{pods, 4, 3600s}}};
  Events all;
  for (int i = 0; i < 1000; ++i) all = remember(all, 1, up, {}, at(std::chrono::seconds(i)));
  EXPECT_EQ(all.size(), events_max);
  Replicas sum = 0;
  for (const auto& event : all) sum += event.change;
  EXPECT_EQ(sum, 1000) << "merged, not lost";
}

}  // namespace
}  // namespace scale
