#include "tsdb/starts.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace tsdb {
namespace {

TEST(Starts, OneRunNeedsNoMemory) {
  Starts starts;
  starts.note({10}, {0}, {10});
  starts.note({20}, {0}, {20});
  EXPECT_FALSE(starts.changed());
  EXPECT_EQ(starts.at({15}).ns, 0);
}

TEST(Starts, ChangeFromTheSampleThatBringsANewOne) {
  Starts starts;
  starts.note({10}, {5}, {10});
  starts.note({20}, {5}, {20});
  starts.note({30}, {25}, {30});
  starts.note({40}, {25}, {40});
  EXPECT_EQ(starts.at({20}).ns, 5);
  EXPECT_EQ(starts.at({30}).ns, 25);
  starts.drop_before({30});
  EXPECT_FALSE(starts.changed());
  EXPECT_EQ(starts.at({40}).ns, 25);
}

TEST(Starts, AgreeWithAMapWhateverTheOrderOfArrival) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    Starts starts;
    std::map<std::int64_t, std::int64_t> model;  // time of each sample, its start
    for (int i = 0; i < 60; ++i) {
      const std::int64_t time = static_cast<std::int64_t>(random() % 50);
      const std::int64_t start = static_cast<std::int64_t>(random() % 4);
      model[time] = start;
      const auto next = model.upper_bound(time);
      starts.note({time}, {start}, {next == model.end() ? time : next->first});
      if (random() % 8 == 0) {
        model.erase(model.begin());
        if (!model.empty()) starts.drop_before({model.begin()->first});
      }
      for (const auto& [t, s] : model) ASSERT_EQ(starts.at({t}).ns, s) << "at " << t;
    }
  }
}

}  // namespace
}  // namespace tsdb
