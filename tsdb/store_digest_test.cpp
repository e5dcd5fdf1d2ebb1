// Series that are found by the digest of how they were sent.

#include <gtest/gtest.h>

#include <array>

#include "tsdb/testing/feed.h"

namespace tsdb {
namespace {

using namespace std::chrono_literals;
using testing::By;
using testing::Feed;

Series* find(const Shards& store, const Digest& digest) {
  return store.look(0, [&](const Store& shard) {
    Series* found = nullptr;
    shard.find({&digest, 1}, {&found, 1});
    return found;
  });
}

// A gauge `m` with these labels, known by `digest` afterwards.
Appended learn(Feed& feed, std::span<const LabelView> labels, const Digest& digest) {
  return feed.store.look(0, [&](Store& store) {
    return store.append({.metric = "m", .attributes = labels}, digest,
                        {.time = feed.before(1), .value = Value::of(1)}, feed.now);
  });
}

TEST(StoreDigest, FindsWhatItLearned) {
  Feed feed;
  EXPECT_EQ(find(feed.store, {1, 1}), nullptr);
  EXPECT_EQ(learn(feed, {}, {1, 1}), Appended::stored);
  Series* series = find(feed.store, {1, 1});
  ASSERT_NE(series, nullptr);
  feed.store.write(0, feed.now, [series](Store& store, Timestamp now) {
    const Point point{.time = now, .value = Value::of(7)};
    EXPECT_EQ(store.append(*series, Shape::level, point, now), Appended::stored);
  });
  EXPECT_EQ(feed.ask("m").value, 7);
  EXPECT_EQ(feed.ask("m", "count").value, 2);
}

TEST(StoreDigest, OneSeriesMayHaveSeveral) {
  Feed feed;
  const std::array labels{LabelView{"a", "1"}};
  for (std::uint64_t i = 0; i < 100; ++i) learn(feed, labels, {i, i});
  EXPECT_EQ(feed.store.series_count(), 1u);
  Series* series = find(feed.store, {0, 0});
  ASSERT_NE(series, nullptr);
  EXPECT_EQ(find(feed.store, {1, 1}), series);
  // A sender with ever new ways to write the same is looked up by its labels, and costs no memory.
  EXPECT_EQ(find(feed.store, {99, 99}), nullptr);
}

TEST(StoreDigest, DigestsDoNotTellTheOrderOfEqualNames) {
  Feed feed;
  const std::array one_last{LabelView{"a", "2"}, LabelView{"a", "1"}};
  const std::array two_last{LabelView{"a", "1"}, LabelView{"a", "2"}};
  learn(feed, one_last, {5, 5});
  learn(feed, two_last, {5, 5});
  EXPECT_EQ(find(feed.store, {5, 5}), nullptr);
  EXPECT_EQ(feed.ask("count(m{a=\"1\"})").value, 1);
  EXPECT_EQ(feed.ask("count(m{a=\"2\"})").value, 1);
}

TEST(StoreDigest, GoesWithItsSeries) {
  Feed feed;
  const std::array labels{LabelView{"a", "1"}};
  learn(feed, labels, {1, 1});
  learn(feed, labels, {2, 2});
  feed.pass(200s);
  EXPECT_EQ(find(feed.store, {1, 1}), nullptr);
  EXPECT_EQ(find(feed.store, {2, 2}), nullptr);
  learn(feed, labels, {2, 2});
  EXPECT_NE(find(feed.store, {2, 2}), nullptr);
  feed.store.reset();
  EXPECT_EQ(find(feed.store, {2, 2}), nullptr);
}

TEST(StoreDigest, NothingIsLearnedFromWhatIsRefused) {
  Feed feed({.series_max = 1});
  const std::array other{LabelView{"a", "1"}};
  EXPECT_EQ(learn(feed, {}, {1, 1}), Appended::stored);
  EXPECT_EQ(learn(feed, other, {2, 2}), Appended::series_limit);
  EXPECT_EQ(find(feed.store, {2, 2}), nullptr);
}

TEST(StoreDigest, LimitsAndEndsHoldAsByLabels) {
  for (const By by : {By::labels, By::digest}) {
    Feed feed;
    EXPECT_EQ(feed.send({.metric = "m", .ago = 10}, by), Appended::stored);
    EXPECT_EQ(feed.send({.metric = "m", .ago = 10}, by), Appended::duplicate);
    EXPECT_EQ(feed.send({.metric = "m", .ago = 120.001}, by), Appended::too_old);
    EXPECT_EQ(feed.send({.metric = "m", .ago = -600.001}, by), Appended::too_far_ahead);
    EXPECT_EQ(feed.send({.metric = "m", .ago = 5, .no_recorded_value = true}, by),
              Appended::no_value);
    EXPECT_EQ(feed.ask("m").state, Answer::State::stale);
    EXPECT_EQ(feed.ask("m", "max").state, Answer::State::value);
  }
}

}  // namespace
}  // namespace tsdb
