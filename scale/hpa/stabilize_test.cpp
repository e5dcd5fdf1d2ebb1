#include "scale/hpa/stabilize.h"

#include <gtest/gtest.h>

#include <vector>

namespace scale::hpa {
namespace {

using std::chrono::seconds;

constexpr Timestamp now{1'000'000'000'000};
constexpr Timestamp end_of_time{std::numeric_limits<std::int64_t>::max()};
constexpr Timestamp start_of_time{std::numeric_limits<std::int64_t>::min()};

Recommendations aged(std::vector<std::pair<Replicas, int>> rows) {
  Recommendations out;
  for (const auto& [replicas, age] : rows) out.push_back({now - seconds(age), replicas});
  return out;
}

std::vector<Replicas> counts(const Recommendations& recommendations) {
  std::vector<Replicas> out;
  for (const auto& r : recommendations) out.push_back(r.replicas);
  return out;
}

TEST(StabilizeDown, TakesTheHighestOfTheWindow) {
  struct Case {
    const char* name;
    Replicas desired;
    Recommendations recommendations;
    Replicas want;
  };
  const Case cases[] = {
      {"nothing before", 5, {}, 5},
      {"lower ones do not matter", 3, aged({{1, 120}, {2, 60}}), 3},
      {"the highest holds", 3, aged({{4, 60}, {5, 120}}), 5},
      {"exactly one window old counts", 3, aged({{9, 300}}), 9},
      {"older does not", 3, aged({{9, 301}}), 3},
      {"from the future is young", 3, aged({{9, -1000}}), 9},
      {"from the end of time", 3, {{end_of_time, 9}}, 9},
      {"from the start of time", 3, {{start_of_time, 9}}, 3},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(stabilize_down(c.desired, c.recommendations, seconds(300), now), c.want);
  }
}

TEST(Stabilize, MovesOnlyAsFarAsNeeded) {
  struct Case {
    const char* name;
    Move move;
    Recommendations recommendations;
    Windows windows;
    Replicas want;
  };
  const Case cases[] = {
      {"down to the highest of the window",
       {100, 3},
       aged({{4, 120}, {5, 60}}),
       {seconds(0), seconds(180)},
       5},
      {"down freely without a window",
       {100, 3},
       aged({{1, 120}, {2, 60}}),
       {seconds(300), seconds(0)},
       3},
      {"up to the lowest of the window", {1, 9}, aged({{3, 10}}), {seconds(60), seconds(0)}, 3},
      {"both hold", {2, 1}, aged({{2, 6000}, {3, 180}}), {seconds(300), seconds(300)}, 2},
      {"a change by hand is not undone", {2, 2}, aged({{9, 10}}), {seconds(0), seconds(300)}, 2},
      {"exactly one window old is out", {9, 3}, aged({{9, 300}}), {seconds(0), seconds(300)}, 3},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(stabilize(c.move, c.recommendations, c.windows, now), c.want);
  }
}

TEST(Remember, TheLastOldSlotIsUsedAgain) {
  const auto log = aged({{10, 600}, {4, 60}, {5, 120}, {9, 540}});
  EXPECT_EQ(counts(remember(log, 3, seconds(300), now)), (std::vector<Replicas>{10, 4, 5, 3}));
}

TEST(Remember, ExactlyOneWindowOldIsKept) {
  EXPECT_EQ(counts(remember(aged({{9, 300}}), 3, seconds(300), now)),
            (std::vector<Replicas>{9, 3}));
  EXPECT_EQ(counts(remember(aged({{9, 301}}), 3, seconds(300), now)), (std::vector<Replicas>{3}));
}

TEST(Remember, AtTheLimitTheTwoOldestBecomeTheLarger) {
  Recommendations log;
  for (std::size_t i = 0; i < recommendations_max; ++i) {
    log.push_back({now - seconds(10) + Duration{static_cast<long>(i)}, 1});
  }
  log[0].replicas = 7;
  log = remember(std::move(log), 2, seconds(300), now);
  ASSERT_EQ(log.size(), recommendations_max);
  EXPECT_EQ(log[0], (Recommendation{now, 2}));
  EXPECT_EQ(log[1].replicas, 7);
  EXPECT_EQ(log[2].replicas, 1);
}

}  // namespace
}  // namespace scale::hpa
