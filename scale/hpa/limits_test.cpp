#include "scale/hpa/limits.h"

#include <gtest/gtest.h>

namespace scale::hpa {
namespace {

using std::chrono::seconds;
using enum LimitReason;

constexpr Timestamp now{1'000'000'000'000};

Policy pods(std::int32_t value, int period) {
  return {PolicyType::pods, value, seconds(period)};
}

Policy percent(std::int32_t value, int period) {
  return {PolicyType::percent, value, seconds(period)};
}

std::vector<ScaleEvent> aged(std::vector<std::pair<Replicas, int>> rows) {
  std::vector<ScaleEvent> out;
  for (const auto& [change, age] : rows) out.push_back({now - seconds(age), change, false});
  return out;
}

TEST(LimitPlain, GrowsToTwiceOrFour) {
  struct Case {
    const char* name;
    Move move;
    Bounds bounds;
    Limited want;
  };
  const Case cases[] = {
      {"min", {3, 1}, {2, 8}, {2, too_few}},
      {"max", {20, 1000}, {1, 10}, {10, too_many}},
      {"exactly the growth", {5, 10}, {1, 100}, {10, within_range}},
      {"beyond the growth", {5, 11}, {1, 100}, {10, scale_up_limit}},
      {"from zero to four", {0, 9}, {0, 100}, {4, scale_up_limit}},
      {"max equal to the growth is called max", {5, 11}, {1, 10}, {10, too_many}},
      {"down is free", {100, 1}, {1, 200}, {1, within_range}},
      {"enormous", {replicas_max, replicas_max}, {1, replicas_max}, {replicas_max, within_range}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(limit_plain(c.move, c.bounds), c.want);
  }
}

TEST(PolicyLimit, FollowsDoublesToTheBit) {
  struct Case {
    const char* name;
    bool up;
    Replicas current;
    Rules rules;
    Replicas want;
  };
  const Case cases[] = {
      {"50 and 10 % are 56", true, 50, {.policies = {percent(10, 60)}}, 56},
      {"100 and 10 % are 111", true, 100, {.policies = {percent(10, 60)}}, 111},
      {"10 less 80 % are 1", false, 10, {.policies = {percent(80, 60)}}, 1},
      {"10 less 90 % are 0", false, 10, {.policies = {percent(90, 60)}}, 0},
      {"3 less 10 % are 2", false, 3, {.policies = {percent(10, 60)}}, 2},
      {"10 less 150 % are below zero", false, 10, {.policies = {percent(150, 60)}}, -5},
      {"percent cannot leave zero", true, 0, {.policies = {percent(100, 60)}}, 0},
      {"disabled", true, 7, {.select = SelectPolicy::disabled, .policies = {pods(1, 1)}}, 7},
      {"most", true, 10, {.policies = {pods(3, 60), percent(20, 60)}}, 13},
      {"least",
       true,
       10,
       {.select = SelectPolicy::min, .policies = {pods(3, 60), percent(20, 60)}},
       12},
      {"most down", false, 10, {.policies = {pods(3, 60), percent(20, 60)}}, 7},
      {"least down",
       false,
       10,
       {.select = SelectPolicy::min, .policies = {pods(3, 60), percent(20, 60)}},
       8},
      {"no policy, most", true, 10, {}, replicas_min},
      {"no policy, least", true, 10, {.select = SelectPolicy::min}, replicas_max},
      {"no policy, most down", false, 10, {}, replicas_max},
      {"no policy, least down", false, 10, {.select = SelectPolicy::min}, replicas_min},
      {"saturates", true, replicas_max, {.policies = {pods(replicas_max, 60)}}, replicas_max},
      {"saturates down", false, replicas_min, {.policies = {pods(5, 60)}}, replicas_min},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto got = c.up ? policy_limit_up(c.current, c.rules, {}, now)
                          : policy_limit_down(c.current, c.rules, {}, now);
    EXPECT_EQ(got, c.want);
  }
}

TEST(PolicyLimit, CountsEventsOfBothDirectionsWithinItsOwnPeriod) {
  const Rules rules{.policies = {pods(4, 30), percent(100, 120)}};
  const ScaleEvents events{.up = aged({{5, 10}, {2, 60}}), .down = aged({{1, 20}})};
  // 30 s: 20 - 5 + 1 + 4 = 20; 120 s: (20 - 7 + 1) * 2 = 28.
  EXPECT_EQ(policy_limit_up(20, rules, events, now), 28);
  const Rules one{.policies = {pods(4, 30)}};
  EXPECT_EQ(policy_limit_up(20, one, {.up = aged({{5, 30}}), .down = {}}, now), 24)
      << "an event exactly one period old does not count";
}

TEST(Limit, BoundsTheMoveInItsDirection) {
  struct Case {
    const char* name;
    Move move;
    Bounds bounds;
    Behavior behavior;
    Limited want;
  };
  const Case cases[] = {
      {"within", {5, 7}, {3, 8}, {default_up(), default_down()}, {7, within_range}},
      {"policies", {10, 50}, {1, 1000}, {default_up(), default_down()}, {20, scale_up_limit}},
      {"max", {100, 1000}, {100, 150}, {default_up(), default_down()}, {150, too_many}},
      {"max equal to the policies",
       {10, 50},
       {1, 20},
       {default_up(), default_down()},
       {20, too_many}},
      {"min equal to the policies",
       {10, 1},
       {8, 100},
       {default_up(), {.policies = {pods(2, 60)}}},
       {8, too_few}},
      {"down by policy",
       {10, 1},
       {1, 100},
       {default_up(), {.policies = {pods(2, 60)}}},
       {8, scale_down_limit}},
      {"no move is not bounded", {5, 5}, {1, 3}, {}, {5, within_range}},
      {"up does not look at min", {1, 2}, {5, 9}, {default_up(), {}}, {2, within_range}},
      {"down does not look at max", {9, 8}, {1, 5}, {{}, default_down()}, {8, within_range}},
      {"no policies, no growth", {5, 9}, {1, 20}, {}, {5, scale_up_limit}},
      {"no policies, no shrinking", {5, 1}, {1, 20}, {}, {5, scale_down_limit}},
      {"no policies, least: any growth",
       {5, 900},
       {1, 1000},
       {{.select = SelectPolicy::min}, {}},
       {900, within_range}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(limit(c.move, c.bounds, c.behavior, {}, now), c.want);
  }
}

TEST(Limit, NeverGoesBackBehindTheCurrentCount) {
  const Behavior slow{{.policies = {pods(1, 60)}}, {.policies = {pods(1, 60)}}};
  const ScaleEvents events{.up = aged({{6, 5}}), .down = aged({{9, 5}})};
  EXPECT_EQ(limit({10, 20}, {1, 100}, slow, {.up = events.up, .down = {}}, now),
            (Limited{10, scale_up_limit}));
  EXPECT_EQ(limit({10, 1}, {1, 100}, slow, {.up = {}, .down = events.down}, now),
            (Limited{10, scale_down_limit}));
}

TEST(ScaleEvents, TheLastOutdatedSlotIsUsedAgain) {
  const auto kept = remember(aged({{8, 29}, {6, 59}, {7, 61}, {9, 61}}), 5, seconds(60), now);
  ASSERT_EQ(kept.size(), 4u);
  EXPECT_TRUE(kept[2].outdated);
  EXPECT_EQ(kept[3], (ScaleEvent{now, 5, false}));
  EXPECT_EQ(remember(aged({{3, 60}}), 5, seconds(60), now).size(), 2u)
      << "exactly the longest period old is not outdated";
}

TEST(ScaleEvents, SumsSaturate) {
  EXPECT_EQ(changed_within(aged({{replicas_max, 1}, {5, 1}}), seconds(60), now), replicas_max);
}

TEST(ScaleEvents, AtTheLimitTheTwoOldestBecomeTheirSum) {
  std::vector<ScaleEvent> events;
  for (std::size_t i = 0; i < scale_events_max; ++i) {
    events.push_back({now - seconds(10) + Duration{static_cast<long>(i)}, 2, false});
  }
  events = remember(std::move(events), 3, seconds(60), now);
  ASSERT_EQ(events.size(), scale_events_max);
  EXPECT_EQ(events[0], (ScaleEvent{now, 3, false}));
  EXPECT_EQ(events[1].change, 4);
}

}  // namespace
}  // namespace scale::hpa
