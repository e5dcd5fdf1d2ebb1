#include "tsdb/metadata.h"

#include <gtest/gtest.h>

#include "tsdb/testing/feed.h"

namespace tsdb {
namespace {

using testing::Feed;

class MetadataFeed : public Feed {
 public:
  void say(const std::string& metric, const MetadataView& said) {
    send({.metric = metric});
    describe(metric, said);
  }
  void describe(const std::string& metric, const MetadataView& said) {
    store.look(0, [&](Store& shard) { shard.describe(metric, said); });
  }
};

TEST(Metadata, IsWhatWasSaidLast) {
  MetadataFeed feed;
  feed.say("queue.depth", {"queue.depth", MetricType::gauge, "{message}", "waiting"});
  feed.say("queue_depth", {"queue.depth", MetricType::counter, "1", "waiting"});
  const auto rows = feed.store.metadata_of("queue.depth");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0], (Metadata{"queue.depth", MetricType::counter, "1", "waiting"}));
}

TEST(Metadata, OfAHistogramHasItsOwnName) {
  MetadataFeed feed;
  feed.say("latency_count", {"latency", MetricType::histogram, "s", "how long"});
  feed.say("latency", {"latency", MetricType::gauge, "ms", ""});
  EXPECT_EQ(feed.store.metadata_of("latency").size(), 2u);
  EXPECT_TRUE(feed.store.metadata_of("latency_count").empty());
}

TEST(Metadata, GoesWithItsMetric) {
  MetadataFeed feed;
  feed.say("a", {"a", MetricType::gauge, "", ""});
  feed.describe("unknown", {"unknown", MetricType::gauge, "", ""});
  EXPECT_EQ(feed.store.metadata("", 10).rows.size(), 1u);
  feed.pass(std::chrono::minutes(5));
  EXPECT_TRUE(feed.store.metadata("", 10).rows.empty());
}

TEST(Metadata, IsListedInSlices) {
  MetadataFeed feed;
  for (const char* name : {"c", "a", "b"}) feed.say(name, {name, MetricType::gauge, "", ""});
  const auto first = feed.store.metadata("", 2);
  ASSERT_EQ(first.rows.size(), 2u);
  EXPECT_EQ(first.rows[1].name, "b");
  const auto second = feed.store.metadata(first.next.value_or(""), 2);
  ASSERT_EQ(second.rows.size(), 1u);
  EXPECT_EQ(second.rows[0].name, "c");
  EXPECT_FALSE(second.next);
}

TEST(Metadata, IsCutBetweenCharacters) {
  Metadata kept;
  const std::string unit = std::string(Metadata::unit_bytes_max - 1, 'x') + "ö";
  const std::string help(2 * Metadata::help_bytes_max, 'y');
  kept.set({"m", MetricType::gauge, unit, help});
  EXPECT_EQ(kept.unit, std::string(Metadata::unit_bytes_max - 1, 'x'));
  EXPECT_EQ(kept.help.size(), Metadata::help_bytes_max);
}

}  // namespace
}  // namespace tsdb
