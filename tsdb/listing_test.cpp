#include "tsdb/listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tsdb/testing/feed.h"

namespace tsdb {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::Feed;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// `count` series of one metric, told apart by the label i.
void send_series(Feed& feed, const std::string& metric, int count, double ago = 1) {
  for (int i = 0; i < count; ++i)
    feed.send({.metric = metric, .ago = ago, .attributes = {{"i", std::to_string(i)}}});
}

// "metric i" of each row.
std::vector<std::string> shown(const SeriesSlice& slice) {
  std::vector<std::string> out;
  for (const auto& row : slice.rows)
    out.push_back(row.metric + (row.labels.empty() ? "" : " " + row.labels[0].value));
  return out;
}

// All rows, asked for in slices of `bytes_max`; `between` runs after each slice.
template <class Between>
std::vector<std::string> walk(const Feed& feed, std::size_t bytes_max, Between between) {
  std::vector<std::string> all;
  for (std::optional<Place> place = Place{}; place;) {
    const auto slice = feed.store.series(*place, bytes_max);
    const auto some = shown(slice);
    all.insert(all.end(), some.begin(), some.end());
    place = slice.next;
    between();
  }
  return all;
}
std::vector<std::string> walk(const Feed& feed, std::size_t bytes_max) {
  return walk(feed, bytes_max, [] {});
}

TEST(Listing, RowsHoldWhatAQuerySees) {
  Feed feed;
  feed.send({.metric = "b.c",
             .value = Value::of_int(2),
             .attributes = {{"k", "v"}},
             .resource = {{"pod", "p"}}});
  const auto slice = feed.store.series({}, 1);
  ASSERT_THAT(slice.rows, SizeIs(1));
  EXPECT_EQ(slice.rows[0].metric, "b.c");
  EXPECT_EQ(slice.rows[0].labels, (Labels{{"host.name", "p"}, {"k", "v"}, {"pod", "p"}}));
  EXPECT_THAT(slice.rows[0].samples, ElementsAre(std::pair(feed.before(1), 2.0)));
  EXPECT_FALSE(slice.next);
}

TEST(Listing, AnEmptyStoreHasOneEmptySlice) {
  Feed feed;
  feed.store.subscribe(testing::question("asked_only"), [](const Answer&) {}, feed.now);
  const auto slice = feed.store.series({}, 1'000);
  EXPECT_THAT(slice.rows, IsEmpty());
  EXPECT_FALSE(slice.next);
  EXPECT_THAT(feed.store.names("", 10).names, IsEmpty());
}

TEST(Listing, SlicesOfAnySizeListEachSeriesOnce) {
  Feed feed;
  send_series(feed, "b", 3);
  send_series(feed, "a/x", 2);
  send_series(feed, "c", 1);
  for (const char* asked : {"A", "aa", "z"}) {
    feed.store.subscribe(testing::question(asked), [](const Answer&) {}, feed.now);
  }
  for (const std::size_t bytes_max : {1, 64, 65, 100, 128, 250, 10'000}) {
    SCOPED_TRACE(bytes_max);
    EXPECT_THAT(walk(feed, bytes_max), ElementsAre("a/x 1", "a/x 0", "b 2", "b 1", "b 0", "c 0"));
  }
}

TEST(Listing, ASliceEndsWithTheSeriesThatGoesBeyond) {
  Feed feed({.retention = 1h});
  for (int i = 0; i < 100; ++i) feed.send({.metric = "m", .ago = i + 1.0});
  send_series(feed, "n", 5);
  EXPECT_THAT(shown(feed.store.series({}, 1'600)), ElementsAre("m"));
  EXPECT_THAT(shown(feed.store.series({}, 1'800)), ElementsAre("m", "n 4"));
  EXPECT_THAT(shown(feed.store.series({"n", 3}, 64)), ElementsAre("n 2"));
}

TEST(Listing, WhatStaysIsListedWhateverComesAndGoes) {
  Feed feed({.retention = 100s});
  send_series(feed, "old", 40, 90);  // half of these go, in the middle of the listing
  for (int i = 0; i < 40; i += 2)
    feed.send({.metric = "old", .ago = 1, .attributes = {{"i", std::to_string(i)}}});
  send_series(feed, "other", 4);
  int slices = 0;
  const auto all = walk(feed, 200, [&] {
    ++slices;
    if (slices == 3) feed.pass(20s);
    feed.send({.metric = "old", .attributes = {{"new", std::to_string(slices)}}});
  });
  const std::set<std::string> seen(all.begin(), all.end());
  for (int i = 0; i < 40; i += 2) EXPECT_TRUE(seen.contains("old " + std::to_string(i))) << i;
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(seen.contains("other " + std::to_string(i))) << i;
  EXPECT_LT(all.size(), 64u);
}

TEST(Listing, GoesOnWhereAMetricHasVanished) {
  Feed feed({.retention = 100s});
  send_series(feed, "b", 3, 99);
  send_series(feed, "c", 1);
  const auto first = feed.store.series({}, 1);
  ASSERT_TRUE(first.next);
  feed.pass(50s);
  ASSERT_THAT(feed.store.names("", 10).names, ElementsAre("c"));
  EXPECT_THAT(shown(feed.store.series(*first.next, 1)), ElementsAre("c 0"));
  feed.store.reset();
  EXPECT_THAT(shown(feed.store.series(*first.next, 1)), IsEmpty());
}

TEST(Listing, NamesComeFoldedAndOnce) {
  Feed feed;
  for (const char* name : {"b.c", "b/c", "a", "d"}) feed.send({.metric = name});
  feed.store.subscribe(testing::question("asked_only"), [](const Answer&) {}, feed.now);
  const auto all = feed.store.names("", 10);
  EXPECT_THAT(all.names, ElementsAre("a", "b_c", "d"));
  EXPECT_FALSE(all.next);
  const auto some = feed.store.names("", 2);
  EXPECT_THAT(some.names, ElementsAre("a"));  // asked_only is looked at too
  EXPECT_EQ(some.next, "b_c");
  EXPECT_THAT(feed.store.names(*some.next, 2).names, ElementsAre("b_c", "d"));
}

}  // namespace
}  // namespace tsdb
