#include "scale/extremes.h"

#include <gtest/gtest.h>

#include <random>

#include "scale/testing/scenes.h"
#include "scale/testing/property.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using Recommendation = History::Recommendation;

constexpr Duration period = 15s;

Recommendations noted(Extreme extreme, std::vector<std::pair<int, Replicas>> all) {
  Recommendations out;
  for (const auto& [second, replicas] : all)
    note(out, extreme, {at(std::chrono::seconds(second)), replicas}, period);
  return out;
}

Recommendations of(std::vector<std::pair<int, Replicas>> all) {
  Recommendations out;
  for (const auto& [second, replicas] : all)
    out.push_back({at(std::chrono::seconds(second)), replicas});
  return out;
}

Recommendations on_time(Recommendations all) {
  for (auto& r : all) r.late_us = 0;
  return all;
}

TEST(Note, KeepsWhatNothingLaterOutdoes) {
  struct Case {
    const char* name;
    Extreme extreme;
    std::vector<std::pair<int, Replicas>> noted;
    std::vector<std::pair<int, Replicas>> want;
  };
  using enum Extreme;
  const Case cases[] = {
      {"falling", high, {{0, 9}, {15, 7}, {30, 4}}, {{0, 9}, {15, 7}, {30, 4}}},
      {"rising", high, {{0, 4}, {15, 7}, {30, 9}}, {{30, 9}}},
      {"a peak", high, {{0, 9}, {15, 2}, {30, 7}, {45, 1}}, {{0, 9}, {30, 7}, {45, 1}}},
      {"equal: the later", high, {{0, 5}, {15, 5}}, {{15, 5}}},
      {"lows rise", low, {{0, 2}, {15, 4}, {30, 9}}, {{0, 2}, {15, 4}, {30, 9}}},
      {"lows of a fall", low, {{0, 9}, {15, 2}}, {{15, 2}}},
      {"one period: the higher, at the later time", high, {{0, 9}, {5, 4}, {9, 2}}, {{9, 9}}},
      {"one period: the lower, at the later time", low, {{0, 2}, {5, 4}}, {{5, 2}}},
      {"the next period begins after 15 s", high, {{0, 9}, {14, 5}, {15, 4}}, {{14, 9}, {15, 4}}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(on_time(noted(c.extreme, c.noted)), of(c.want));
  }
}

TEST(Note, RemembersHowLateAnEntryIs) {
  const Recommendations highs = noted(Extreme::high, {{0, 9}, {5, 4}, {9, 2}});
  ASSERT_EQ(highs.size(), 1u);
  EXPECT_EQ(highs[0].late_us, 9'000'000u);
  const Reach reach{60s, false};
  EXPECT_EQ(extreme_of(highs, reach, at(65s)), 9);
  EXPECT_EQ(true_extreme_of(highs, reach, at(59s)), 9);
  EXPECT_EQ(true_extreme_of(highs, reach, at(60s)), std::nullopt);
}

TEST(Reach, EndsStrictlyOrInclusively) {
  struct Case {
    Duration age;
    bool strict;
    bool inclusive;
  };
  const Case cases[] = {{59s, true, true}, {60s, false, true}, {60s + 1ns, false, false}};
  for (const auto& c : cases) {
    EXPECT_EQ(counts(at(0s), {60s, false}, at(c.age)), c.strict);
    EXPECT_EQ(counts(at(0s), {60s, true}, at(c.age)), c.inclusive);
  }
  EXPECT_EQ(leaves(at(0s), {60s, false}), at(60s));
  EXPECT_EQ(leaves(at(0s), {60s, true}), at(60s) + 1ns);
}

TEST(Forget, DropsWhatIsOverAndBringsBackTheFuture) {
  Recommendations all = of({{0, 9}, {15, 7}, {500, 3}});
  forget(all, {60s, false}, at(60s));
  EXPECT_EQ(all, of({{15, 7}, {60, 3}}));
}

TEST(Release, IsWhenTheLastThatHoldsLeaves) {
  const Recommendations highs = of({{0, 9}, {15, 7}, {30, 4}});
  const Reach reach{60s, false};
  EXPECT_EQ(release(highs, Extreme::high, 9, reach, at(40s)), at(60s));
  EXPECT_EQ(release(highs, Extreme::high, 5, reach, at(40s)), at(75s));
  EXPECT_EQ(release(highs, Extreme::high, 10, reach, at(40s)), std::nullopt);
  EXPECT_EQ(release(highs, Extreme::high, 9, reach, at(70s)), std::nullopt);
}

TEST(Repeated, LiesOnTheLastTickBeforeNow) {
  struct Case {
    Duration now;
    Duration want;
  };
  const Case cases[] = {{0s, 0s},   {1s, 0s},         {15s, 0s},  {15s + 1ns, 15s}, {29s, 15s},
                        {30s, 15s}, {30s + 1ns, 30s}, {-10s, 0s}, {3601s, 3600s}};
  for (const auto& c : cases) {
    SCOPED_TRACE(base::format_duration(c.now));
    EXPECT_EQ(repeated({at(0s), 5}, period, at(c.now)).at, at(c.want));
  }
}

// Against the whole list. On a grid of one period it is the same, within periods the more cautious,
// for less than one period longer. The number of entries stays below the bound.
TEST(Extremes, AreThoseOfTheWholeList) {
  for_seeds(300, [](std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const bool grid = random() % 2 == 0;
    const Duration window = std::chrono::seconds(random() % 400);
    const Reach reach{window, random() % 2 == 0};
    Recommendations all, highs, lows;
    Timestamp now = at(0s);
    for (int i = 0; i < 120; ++i) {
      now = now + (grid ? period : Duration(std::chrono::milliseconds(random() % 20'000)));
      const Recommendation r{.at = now, .replicas = static_cast<Replicas>(random() % 30)};
      all.push_back(r);
      note(highs, Extreme::high, r, period);
      note(lows, Extreme::low, r, period);
      forget(highs, reach, now);
      forget(lows, reach, now);
      std::optional<Replicas> highest, lowest;
      for (const auto& one : all) {
        if (!counts(one.at, reach, now)) continue;
        highest = std::max(highest.value_or(one.replicas), one.replicas);
        lowest = std::min(lowest.value_or(one.replicas), one.replicas);
      }
      const auto high = extreme_of(highs, reach, now);
      const auto low = extreme_of(lows, reach, now);
      ASSERT_LE(highs.size(), static_cast<std::size_t>(window / period) + 2);
      ASSERT_LE(lows.size(), static_cast<std::size_t>(window / period) + 2);
      if (grid) {
        ASSERT_EQ(high, highest);
        ASSERT_EQ(low, lowest);
      } else if (highest) {
        ASSERT_GE(*high, *highest);
        ASSERT_LE(*low, *lowest);
      }
      if (!grid && high) {
        // An entry lives up to one period longer: those that counted a period ago bound it.
        Replicas most = 0, least = 1000;
        for (const auto& one : all) {
          if (!counts(one.at + period, reach, now)) continue;
          most = std::max(most, one.replicas);
          least = std::min(least, one.replicas);
        }
        ASSERT_LE(*high, most);
        ASSERT_GE(*low, least);
      }
    }
  });
}

}  // namespace
}  // namespace scale
