// Gaps and overlaps of sums by their start times, and what a rate makes of two senders.

#include "tsdb/overlaps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tsdb/testing/feed.h"

namespace tsdb {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::Feed;
using ::testing::HasSubstr;
using testing::Sent;

// One point of a sum: its value, and how many seconds ago it ended and began.
struct At {
  std::int64_t value;
  double ago;
  double start_ago;
};

Sent sent_of(const At& at, Temporality temporality) {
  return {.metric = "requests",
          .value = Value::of_int(at.value),
          .ago = at.ago,
          .resource = {{"service.name", "shop"}},
          .kind = Kind::sum,
          .temporality = temporality,
          .monotonic = true,
          .start_ago = at.start_ago};
}

struct Case {
  const char* name;
  Temporality temporality;
  std::vector<At> sent;
  double increase;  // of the rate over the span of the samples
  int gaps = 0;
  int overlaps = 0;
};

constexpr auto cumulative = Temporality::cumulative;
constexpr auto delta = Temporality::delta;

const Case cases[] = {
    {"one stream", cumulative, {{10, 50, 500}, {15, 40, 500}, {20, 30, 500}}, 10},
    {"a restart", cumulative, {{10, 50, 500}, {15, 40, 500}, {4, 20, 30}, {9, 10, 30}}, 14, 1},
    {"a restart at once", cumulative, {{10, 50, 500}, {15, 40, 500}, {4, 20, 40}}, 9},
    {"a restart that the value hides", cumulative, {{10, 50, 500}, {400, 20, 30}}, 400, 1},
    {"no starts", cumulative, {{10, 50, 0}, {15, 40, 0}, {4, 20, 0}}, 9},
    {"a start that is only sent now and then",
     cumulative,
     {{10, 50, 500}, {15, 40, 0}, {20, 30, 500}},
     10,
     0,
     1},
    {"two senders, both from before",
     cumulative,
     {{10, 50, 500},
      {7000, 45, 300},
      {15, 40, 500},
      {7002, 35, 300},
      {20, 30, 500},
      {7004, 25, 300}},
     14,
     0,
     5},
    {"the second begins meanwhile",
     cumulative,
     {{10, 50, 500}, {15, 40, 500}, {3, 35, 45}, {20, 30, 500}, {5, 25, 45}},
     15,
     0,
     3},
    {"one of two restarts",
     cumulative,
     {{10, 50, 500}, {700, 45, 300}, {15, 40, 500}, {702, 35, 300}, {1, 20, 28}, {704, 15, 300}},
     10,
     1,
     4},
    {"a value that fell is a restart there too",
     cumulative,
     {{10, 50, 500}, {700, 45, 300}, {3, 40, 500}, {702, 35, 300}},
     5,
     0,
     3},
    {"deltas end to end", delta, {{10, 50, 60}, {5, 40, 50}, {6, 30, 40}}, 11},
    {"deltas with a gap", delta, {{10, 50, 60}, {5, 30, 40}}, 5, 1},
    {"deltas of two senders",
     delta,
     {{10, 50, 60}, {1, 45, 55}, {5, 40, 50}, {2, 35, 45}, {6, 30, 40}},
     14,
     0,
     4},
    {"deltas without starts", delta, {{10, 50, 0}, {5, 30, 0}}, 5},
    {"a late delta that fits", delta, {{10, 50, 60}, {6, 30, 40}, {5, 40, 50}}, 11, 1},
};

TEST(Overlaps, AreToldFromRestartsAndGaps) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Feed feed;
    double oldest = 0;
    double newest = 1000;
    for (const At& at : c.sent) {
      ASSERT_EQ(feed.send(sent_of(at, c.temporality)), Appended::stored);
      oldest = std::max(oldest, at.ago);
      newest = std::min(newest, at.ago);
    }
    EXPECT_NEAR(feed.ask("requests", "rate").value, c.increase / (oldest - newest), 1e-9);
    feed.store.publish(feed.now);
    const std::string shown = feed.registry.render();
    EXPECT_THAT(shown, HasSubstr("tidewheel_store_gaps_total " + std::to_string(c.gaps) + "\n"));
    EXPECT_THAT(shown,
                HasSubstr("tidewheel_store_overlaps_total " + std::to_string(c.overlaps) + "\n"));
    const auto overlaps = feed.store.overlaps();
    ASSERT_EQ(overlaps.size(), c.overlaps > 0 ? 1u : 0u);
    if (!overlaps.empty()) EXPECT_EQ(overlaps[0].points, static_cast<std::uint64_t>(c.overlaps));
  }
}

TEST(Overlaps, SeveralStreamsAreFollowedAndNoMoreThanTheLimit) {
  Feed feed;
  for (int round = 0; round < 3; ++round) {
    for (int sender = 0; sender < 12; ++sender) {
      feed.send(sent_of({.value = 1000 * (12 - sender) + round,
                         .ago = 100.0 - 12 * round - sender,
                         .start_ago = 1000.0 + 10 * sender},
                        cumulative));
    }
  }
  const Answer answer = feed.ask("requests", "rate");
  EXPECT_EQ(answer.state, Answer::State::value);
  EXPECT_LT(answer.value, 1) << "none of them looks like a restart at every point";
}

TEST(Overlaps, AreRememberedByResourceForTenMinutes) {
  Feed feed;
  feed.send(sent_of({1, 50, 500}, cumulative));
  feed.send(sent_of({900, 40, 400}, cumulative));
  const auto list = feed.store.overlaps();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].resource, (Labels{{"service.name", "shop"}}));
  EXPECT_EQ(list[0].metric, "requests");
  EXPECT_EQ(describe(list[0]),
            "points of requests overlap in time: two senders, or two instances of "
            "service.name=shop without a label that tells them apart");
  feed.pass(minutes(10));
  EXPECT_EQ(feed.store.overlaps().size(), 1u);
  feed.pass(seconds(1));
  EXPECT_TRUE(feed.store.overlaps().empty());
}

TEST(Overlaps, OfTooManyResourcesAreOnlyCounted) {
  Feed feed;
  const int resources = static_cast<int>(Overlaps::resources_max) + 5;
  for (int i = 0; i < resources; ++i) {
    for (const At& at : {At{1, 50, 500}, At{2, 40, 400}}) {
      Sent sent = sent_of(at, cumulative);
      sent.resource = {{"pod", std::to_string(i)}};
      feed.send(sent);
    }
  }
  EXPECT_EQ(feed.store.overlaps().size(), Overlaps::resources_max);
  feed.store.publish(feed.now);
  EXPECT_THAT(feed.registry.render(),
              HasSubstr("tidewheel_store_overlaps_total " + std::to_string(resources)));
}

}  // namespace
}  // namespace tsdb
