#include "tsdb/cardinality.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tsdb/testing/feed.h"

namespace tsdb {
namespace {

using ::testing::ElementsAre;
using testing::Feed;
using ::testing::IsEmpty;

CardinalityReport report_of(const Feed& feed, std::size_t limit, std::size_t labels_per_slice,
                            std::size_t pairs_max = 1000) {
  Cardinality all(pairs_max);
  std::optional<Place> next = Place{};
  while (next) next = feed.store.count(*next, labels_per_slice, all);
  return all.report(limit);
}

void fill(Feed& feed) {
  for (const char* pod : {"a", "b", "c"}) {
    for (const char* queue : {"mail", "sms"}) {
      feed.send({.metric = "depth",
                 .ago = 3,
                 .attributes = {{"queue", queue}},
                 .resource = {{"k8s.pod.name", pod}}});
    }
  }
  feed.send({.metric = "up", .ago = 1, .resource = {{"k8s.pod.name", "a"}}});
}

TEST(Cardinality, RanksWhoUsesMost) {
  Feed feed;
  fill(feed);
  for (const std::size_t slice : {1u, 4u, 1000u}) {
    const CardinalityReport report = report_of(feed, 2, slice);
    EXPECT_EQ(report.series, 7u);
    EXPECT_EQ(report.samples, 7u);
    EXPECT_EQ(report.label_pairs, 5u);
    EXPECT_EQ(report.oldest, feed.before(3));
    EXPECT_EQ(report.newest, feed.before(1));
    EXPECT_FALSE(report.truncated);
    EXPECT_THAT(report.series_by_metric, ElementsAre(Ranked{"depth", 6}, Ranked{"up", 1}));
    EXPECT_THAT(report.series_by_resource,
                ElementsAre(Ranked{"k8s.pod.name=a", 3}, Ranked{"k8s.pod.name=b", 2}));
    EXPECT_THAT(report.values_by_label, ElementsAre(Ranked{"k8s.pod.name", 3}, Ranked{"queue", 2}));
    EXPECT_THAT(report.bytes_by_label,
                ElementsAre(Ranked{"k8s.pod.name", 39}, Ranked{"queue", 17}));
    EXPECT_THAT(report.series_by_pair,
                ElementsAre(Ranked{"k8s.pod.name=a", 3}, Ranked{"queue=mail", 3}));
  }
}

TEST(Cardinality, OfNothingIsNothing) {
  Feed feed;
  const CardinalityReport report = report_of(feed, 10, 10);
  EXPECT_EQ(report.series, 0u);
  EXPECT_EQ(report.oldest, Timestamp{});
  EXPECT_THAT(report.series_by_pair, IsEmpty());
}

TEST(Cardinality, TellsSoManyLabelsApartAndSaysSo) {
  Feed feed;
  fill(feed);
  const CardinalityReport report = report_of(feed, 10, 10, 2);
  EXPECT_TRUE(report.truncated);
  EXPECT_EQ(report.label_pairs, 2u);
  EXPECT_EQ(report.series, 7u) << "series are all counted";
}

}  // namespace
}  // namespace tsdb
