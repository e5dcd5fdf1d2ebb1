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
  EXPECT_EQ(table.find({1, 2}), nullptr);
  table.put({1, 2}, &series);
  EXPECT_EQ(table.find({1, 2}), &series);
  EXPECT_EQ(table.find({1, 3}), nullptr);
  EXPECT_EQ(table.find({2, 2}), nullptr);
  table.put({1, 2}, &other);
  EXPECT_EQ(table.find({1, 2}), &other);
  EXPECT_EQ(table.size(), 1u);
  table.erase({1, 3});
  EXPECT_EQ(table.size(), 1u);
  table.erase({1, 2});
  EXPECT_EQ(table.find({1, 2}), nullptr);
  EXPECT_EQ(table.size(), 0u);
}

// Few homes, so that runs of slots grow, wrap around and close again.
TEST(DigestTable, AgreesWithAMapUnderRandomUse) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::vector<Series> series(16);
  DigestTable table;
  std::map<std::pair<std::uint64_t, std::uint64_t>, Series*> model;
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t spread = i % 40'000 < 20'000 ? 40 : 4000;
    const Digest digest{random() % spread - spread / 2, random() % 3};
    if (random() % 5 < (i % 10'000 < 5000 ? 3u : 1u)) {
      Series* one = &series[random() % series.size()];
      table.put(digest, one);
      model[{digest.low, digest.high}] = one;
    } else {
      table.erase(digest);
      model.erase({digest.low, digest.high});
    }
    ASSERT_EQ(table.size(), model.size());
    const Digest asked{random() % spread - spread / 2, random() % 3};
    const auto known = model.find({asked.low, asked.high});
    ASSERT_EQ(table.find(asked), known == model.end() ? nullptr : known->second);
  }
  for (const auto& [digest, one] : model) ASSERT_EQ(table.find({digest.first, digest.second}), one);
}

}  // namespace
}  // namespace tsdb
