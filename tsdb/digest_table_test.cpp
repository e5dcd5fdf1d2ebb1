#include "tsdb/digest_table.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <vector>

#include "tsdb/series.h"

namespace tsdb {
namespace {

TEST(DigestTable, FindsWhatWasPut) {
  DigestTable table;
  Series series, other;
  EXPECT_EQ(table.find(1), nullptr);
  table.put(1, &series);
  EXPECT_EQ(table.find(1), &series);
  EXPECT_EQ(table.find(2), nullptr);
  table.put(1, &other);
  EXPECT_EQ(table.find(1), &other);
  EXPECT_EQ(table.size(), 1u);
  table.erase(2);
  EXPECT_EQ(table.size(), 1u);
  table.erase(1);
  EXPECT_EQ(table.find(1), nullptr);
  EXPECT_EQ(table.size(), 0u);
}

// Few keys, so that runs of slots grow, wrap around and close again.
TEST(DigestTable, AgreesWithAMapUnderRandomUse) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::vector<Series> series(16);
  DigestTable table;
  std::map<std::uint64_t, Series*> model;
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t spread = i % 40'000 < 20'000 ? 40 : 4000;
    const std::uint64_t key = random() % spread - spread / 2;
    if (random() % 5 < (i % 10'000 < 5000 ? 3u : 1u)) {
      Series* one = &series[random() % series.size()];
      table.put(key, one);
      model[key] = one;
    } else {
      table.erase(key);
      model.erase(key);
    }
    ASSERT_EQ(table.size(), model.size());
    const std::uint64_t asked = random() % spread - spread / 2;
    const auto known = model.find(asked);
    ASSERT_EQ(table.find(asked), known == model.end() ? nullptr : known->second);
  }
  for (const auto& [key, one] : model) ASSERT_EQ(table.find(key), one);
}

}  // namespace
}  // namespace tsdb
