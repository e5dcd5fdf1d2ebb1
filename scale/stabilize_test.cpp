#include "scale/stabilize.h"

#include <gtest/gtest.h>

#include <random>

#include "scale/testing/scenes.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;

struct Past {
  int age;  // seconds
  Replicas replicas;
};

// Oldest first; the newest one counts as still in force.
Recommendations recommendations(std::vector<Past> past) {
  Recommendations all;
  for (const auto& p : past)
    all.push_back({.at = at(1h) - std::chrono::seconds(p.age), .replicas = p.replicas});
  return all;
}

TEST(Stabilize, HoldsWhatWasRecommendedLately) {
  struct Case {
    const char* name;
    Replicas current;
    Replicas wanted;
    std::vector<Past> past;
    Windows windows;
    Replicas want;
    std::optional<int> again;  // seconds from now
  };
  const Case cases[] = {
      {"no windows: at once down", 5, 2, {{10, 5}}, {}, 2, {}},
      {"no windows: at once up", 5, 9, {{10, 5}}, {}, 9, {}},
      {"down waits: the newest was in force until now", 5, 2, {{10, 5}}, {.down = 60s}, 5, 60},
      {"down waits: the newest, however old its record", 5, 2, {{1000, 5}}, {.down = 60s}, 5, 60},
      {"down: an older higher one runs out first", 5, 2, {{20, 5}, {10, 3}}, {.down = 60s}, 5, 40},
      {"down: only to what the window allows", 5, 2, {{70, 5}, {10, 3}}, {.down = 60s}, 3, 60},
      {"down: exactly one window old is out", 5, 2, {{60, 5}, {10, 2}}, {.down = 60s}, 2, {}},
      {"down: a moment younger is in", 5, 2, {{59, 5}, {10, 2}}, {.down = 60s}, 5, 1},
      {"history never raises the count", 3, 2, {{20, 9}, {10, 2}}, {.down = 60s}, 3, 40},
      {"history never raises the count, equal", 3, 3, {{20, 9}, {10, 2}}, {.down = 60s}, 3, {}},
      {"up waits", 5, 9, {{10, 5}}, {.up = 60s}, 5, 60},
      {"up: only to what the window allows", 5, 9, {{10, 7}}, {.up = 60s}, 7, 60},
      {"up: an older lower one runs out first", 5, 9, {{20, 6}, {10, 9}}, {.up = 60s}, 6, 40},
      {"the other window does not matter", 5, 9, {{10, 5}}, {.down = 60s}, 9, {}},
      {"a newcomer does not go down for a window", 5, 2, {}, {.down = 300s}, 5, 300},
      {"a newcomer may go up", 5, 9, {}, {.down = 300s}, 9, {}},
      {"a newcomer at zero", 0, 9, {}, {.up = 300s, .down = 300s}, 9, {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto got =
        stabilize(c.current, c.wanted, in_force(recommendations(c.past), c.current, at(1h)),
                  c.windows, at(1h));
    EXPECT_EQ(got.replicas, c.want);
    ASSERT_EQ(got.again_at.has_value(), c.again.has_value());
    if (c.again) EXPECT_EQ(*got.again_at, at(1h) + std::chrono::seconds(*c.again));
  }
}

TEST(Remember, KeepsWhatCanStillMatter) {
  struct Case {
    const char* name;
    std::vector<Past> past;
    Replicas wanted;
    Windows windows;
    std::vector<Past> want;
  };
  const Case cases[] = {
      {"a newcomer's count comes first", {}, 2, {.down = 60s}, {{0, 5}, {0, 2}}},
      {"the same again only moves on", {{10, 5}}, 5, {.down = 60s}, {{0, 5}}},
      {"a higher one outdoes lower ones", {{20, 3}, {10, 4}}, 9, {.down = 60s}, {{0, 9}}},
      {"a falling stair stays", {{20, 9}, {10, 4}}, 2, {.down = 60s}, {{20, 9}, {0, 4}, {0, 2}}},
      {"too old goes", {{60, 9}, {10, 4}}, 2, {.down = 60s}, {{0, 4}, {0, 2}}},
      {"a rising stair stays for the up window",
       {{20, 1}, {10, 4}},
       9,
       {.up = 60s},
       {{20, 1}, {0, 4}, {0, 9}}},
      {"no windows: only the last", {{20, 1}, {10, 4}}, 9, {}, {{0, 9}}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto got =
        remember(in_force(recommendations(c.past), 5, at(1h)), c.wanted, c.windows, at(1h));
    EXPECT_EQ(got, recommendations(c.want));
  }
  EXPECT_EQ(in_force({}, 0, at(0s)).size(), 0u) << "0 replicas leave no trace";
}

TEST(Remember, IsBoundedAndForgetsOnTheCautiousSide) {
  const Windows windows{.down = 300s};
  Recommendations all;
  Replicas wanted = 5000;
  for (int i = 0; i < 2000; ++i) {
    all = remember(in_force(all, 5000, at(i * 100ms)), --wanted, windows, at(i * 100ms));
  }
  EXPECT_EQ(all.size(), recommendations_max);
  EXPECT_EQ(stabilize(5000, wanted, all, windows, at(200s)).replicas, 5000);
  EXPECT_EQ(stabilize(5000, wanted, all, windows, at(500s)).replicas, wanted);
}

// Dropping what is outdone never changes an answer: compared with a history that keeps everything.
TEST(Remember, ForgettingChangesNoAnswer) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  for (int round = 0; round < 200; ++round) {
    const Windows windows{.up = std::chrono::seconds(random() % 4 * 7),
                          .down = std::chrono::seconds(random() % 4 * 10)};
    Recommendations kept, everything;
    Timestamp now = at(0s);
    for (int step = 0; step < 60; ++step) {
      now = now + std::chrono::seconds(random() % 9);
      const Replicas wanted = static_cast<Replicas>(random() % 10);
      const Replicas current = 1 + static_cast<Replicas>(random() % 10);
      if (step > 0) {
        ASSERT_EQ(
            stabilize(current, wanted, in_force(kept, current, now), windows, now).replicas,
            stabilize(current, wanted, in_force(everything, current, now), windows, now).replicas);
      }
      everything = in_force(everything, current, now);
      everything.push_back({.at = now, .replicas = wanted});
      kept = remember(in_force(kept, current, now), wanted, windows, now);
    }
  }
}

}  // namespace
}  // namespace scale
