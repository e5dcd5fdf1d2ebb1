// What happens where a store is full: of series, of one sender's series, of bytes.

#include "tsdb/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tsdb/series.h"
#include "tsdb/testing/feed.h"

namespace tsdb {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using testing::Feed;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using enum Answer::State;

class Lines {
 public:
  Log log() {
    return Log::to(base::LogLevel::warn, base::LogFormat::text,
                   [this](std::string_view line) { lines.emplace_back(line); });
  }
  std::vector<std::string> lines;
};

TEST(Limits, NewSeriesAreRefusedKnownOnesGoOn) {
  Lines lines;
  Feed feed({.series_max = 2}, lines.log());
  feed.send({.metric = "a"});
  feed.send({.metric = "b"});
  EXPECT_EQ(feed.send({.metric = "c"}), Appended::series_limit);
  EXPECT_EQ(feed.send({.metric = "d"}), Appended::series_limit);
  EXPECT_EQ(feed.send({.metric = "a", .value = Value::of(7), .ago = 0.5}), Appended::stored);
  EXPECT_EQ(feed.ask("a").value, 7);
  feed.store.publish(feed.now);
  EXPECT_THAT(lines.lines, SizeIs(1));
  EXPECT_THAT(lines.lines, Contains(HasSubstr("series limit reached")));
}

TEST(Limits, OneSenderLeavesRoomForOthers) {
  Lines lines;
  Feed feed({.series_per_resource_max = 3}, lines.log());
  const auto send = [&](std::string service, int request) {
    return feed.send({.metric = "m",
                      .attributes = {{"request", std::to_string(request)}},
                      .resource = {{"service.name", std::move(service)}}});
  };
  for (const int request : {1, 2, 3}) EXPECT_EQ(send("explodes", request), Appended::stored);
  for (const int request : {4, 5}) EXPECT_EQ(send("explodes", request), Appended::resource_limit);
  EXPECT_EQ(send("explodes", 3), Appended::duplicate) << "it is known";
  EXPECT_EQ(send("behaves", 4), Appended::stored);
  feed.store.publish(feed.now);
  EXPECT_THAT(lines.lines, SizeIs(1)) << "once for each sender";
  EXPECT_THAT(lines.lines, Contains(HasSubstr("service.name=explodes")));

  feed.pass(3min);  // all have left
  EXPECT_EQ(feed.store.series_count(), 0u);
  for (const int request : {4, 5, 6}) EXPECT_EQ(send("explodes", request), Appended::stored);
}

TEST(Limits, BytesKeepNewSeriesOut) {
  Lines lines;
  Feed feed({.bytes_max = 100'000}, lines.log());
  std::size_t stored = 0;
  Appended outcome{};
  while (true) {
    outcome = feed.send({.metric = "m", .attributes = {{"n", std::to_string(stored)}}});
    if (outcome != Appended::stored) break;
    ++stored;
  }
  EXPECT_EQ(outcome, Appended::memory_limit);
  EXPECT_GT(stored, 50u);
  EXPECT_GE(feed.store.footprint().total(), 87'500u);
  EXPECT_LE(feed.store.footprint().total(), 100'000u);
  feed.store.publish(feed.now);
  EXPECT_THAT(lines.lines, SizeIs(1));
  EXPECT_THAT(lines.lines, Contains(HasSubstr("memory for series is used up")));
}

TEST(Limits, BytesShortenWindowsOfKnownSeriesRatherThanRefuseTheirPoints) {
  Feed feed({.bytes_max = 20'000});
  std::size_t series = 0;
  while (feed.send({.metric = "m", .ago = 100, .attributes = {{"n", std::to_string(series)}}}) ==
         Appended::stored)
    ++series;
  std::size_t largest = 0;
  for (int second = 99; second > 0; --second) {
    for (std::size_t n = 0; n < series; ++n) {
      const Value value = Value::of(100 - second);
      EXPECT_EQ(feed.send({.metric = "m",
                           .value = value,
                           .ago = static_cast<double>(second),
                           .attributes = {{"n", std::to_string(n)}}}),
                Appended::stored);
    }
    largest = std::max(largest, feed.store.footprint().total());
  }
  EXPECT_LE(largest, 20'000u + 200);
  EXPECT_EQ(feed.ask("min(m)").value, 99) << "the newest samples are those that stay";
  EXPECT_EQ(feed.ask("m").series, series);
  feed.store.publish(feed.now);
  EXPECT_THAT(feed.registry.render(),
              Not(HasSubstr("tidewheel_store_displaced_samples_total 0\n")));
}

TEST(Limits, WhatIsCountedIsWhatTheHeapHolds) {
  Feed feed;
  const Footprint before = feed.store.footprint();
  for (int n = 0; n < 1'000; ++n) {
    for (const double ago : {5, 4, 3, 2, 1})
      feed.send({.metric = "m", .ago = ago, .attributes = {{"n", std::to_string(n)}}});
  }
  const Footprint full = feed.store.footprint();
  EXPECT_EQ(full.samples, 1'000 * block_bytes(8 * sizeof(Sample)));  // room for four more each time
  EXPECT_GE(full.identity - before.identity, 1'000 * block_bytes(sizeof(Series)));
  EXPECT_GT(full.index, before.index);
  feed.pass(3min);
  EXPECT_EQ(feed.store.footprint().samples, 0u);
  EXPECT_LT(feed.store.footprint().identity, full.identity / 20);
}

TEST(Limits, AMemoryLimitIsNewsAgainOnceThereWasRoom) {
  Lines lines;
  Feed feed({.series_max = 1}, lines.log());
  const auto explode = [&] {
    feed.send({.metric = "a"});
    feed.send({.metric = "b"});
    feed.send({.metric = "c"});
    feed.store.publish(feed.now);
  };
  explode();
  feed.pass(3min);
  feed.pass(1s);
  explode();
  EXPECT_THAT(lines.lines, SizeIs(2));
}

}  // namespace
}  // namespace tsdb
