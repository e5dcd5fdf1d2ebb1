#include "tsdb/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tsdb/testing/snapshots.h"

namespace tsdb {
namespace {

using namespace std::chrono_literals;
using testing::counter;
using testing::Feed;
using testing::question;
using testing::restore;
using testing::snapshot_of;
using testing::writer_to;
using enum Answer::State;

std::vector<SeriesRow> rows_of(const Feed& feed) {
  auto rows = feed.store.series({}, SIZE_MAX).rows;
  std::ranges::sort(rows, [](const SeriesRow& a, const SeriesRow& b) {
    return std::tie(a.metric, a.labels) < std::tie(b.metric, b.labels);
  });
  return rows;
}

void fill(Feed& feed) {
  for (int n = 0; n < 50; ++n) {
    for (const double ago : {90, 60, 30}) {
      feed.send({.metric = n % 2 == 0 ? "queue.depth" : "queue_depth",
                 .value = Value::of(n + ago),
                 .ago = ago,
                 .attributes = {{"n", std::to_string(n)}, {"empty", ""}},
                 .resource = {{"service.name", n < 25 ? "a" : "b"}},
                 .scope = {{"version", "1"}}});
    }
  }
  for (const double ago : {50, 40})
    feed.send({.metric = "big", .value = Value::of_int(INT64_MAX - 1), .ago = ago});
}

TEST(Snapshot, GivesBackEverySeriesWhateverTheBlocks) {
  for (const std::size_t bytes_max : {1u, 300u, 1u << 20}) {
    Feed before;
    fill(before);
    const std::string file = snapshot_of(before, bytes_max);
    Feed after;
    after.now = before.now;
    const Restored restored = restore(after, file);
    EXPECT_EQ(restored.series, 51u);
    EXPECT_EQ(restored.samples, 152u);
    EXPECT_EQ(after.store.series_count(), 51u);
    const auto was = rows_of(before);
    const auto is = rows_of(after);
    ASSERT_EQ(was.size(), is.size());
    for (std::size_t i = 0; i < was.size(); ++i) {
      EXPECT_EQ(was[i].metric, is[i].metric);
      EXPECT_EQ(was[i].labels, is[i].labels);
      EXPECT_EQ(was[i].samples, is[i].samples);
    }
  }
}

TEST(Snapshot, AnswersGoOnWhereTheyWere) {
  Feed before;
  // A counter that started anew, a delta stream, one that its sender ended.
  for (const auto& [value, ago, start] : {std::tuple{10, 60, 100}, {14, 50, 100}, {3, 40, 45}})
    before.send(counter({.metric = "requests",
                         .value = Value::of_int(value),
                         .ago = double(ago),
                         .start_ago = double(start)}));
  for (const double ago : {30, 20})
    before.send({.metric = "jobs",
                 .value = Value::of(5),
                 .ago = ago,
                 .kind = Kind::sum,
                 .temporality = Temporality::delta});
  before.send({.metric = "gone", .ago = 20});
  before.send({.metric = "gone", .ago = 10, .no_recorded_value = true});
  Feed after;
  after.now = before.now + 5s;
  before.advance(5s);
  restore(after, snapshot_of(before));
  for (const auto& [query, operation] : {std::pair{"requests", "rate"},
                                         {"requests", "last_one"},
                                         {"jobs", "rate"},
                                         {"jobs", "max"},
                                         {"gone", "last_one"},
                                         {"gone", "max"}})
    EXPECT_EQ(after.ask(query, operation), before.ask(query, operation)) << query << operation;
  EXPECT_GT(after.ask("requests", "rate").value, 0);
}

TEST(Snapshot, WhatIsTooOldByNowStaysOut) {
  Feed before;
  fill(before);
  Feed after;
  after.now = before.now + 85s;  // of 120: only what was 30 s ago is young enough
  const Restored restored = restore(after, snapshot_of(before));
  EXPECT_EQ(restored.series, 50u);
  EXPECT_EQ(restored.samples, 50u);
  EXPECT_EQ(restored.outdated, 1u);
  Feed much_later;
  much_later.now = before.now + 1h;
  EXPECT_EQ(restore(much_later, snapshot_of(before)).outdated, 51u);
  EXPECT_EQ(much_later.store.series_count(), 0u);
  EXPECT_EQ(much_later.ask("big").state, absent) << "nothing is known, not even that it was";
}

TEST(Snapshot, SamplesFromTheFutureStayOut) {
  Feed before;
  before.send({.metric = "m", .ago = 10});
  Feed after;
  after.now = before.now - 1h;  // the clock was put back meanwhile
  EXPECT_EQ(restore(after, snapshot_of(before)).outdated, 1u);
}

TEST(Snapshot, KeepsTheRetentionThatAQueryAskedFor) {
  Feed before;
  before.store.subscribe(question("m", "max", 10min), [](const Answer&) {}, before.now);
  before.send({.metric = "m", .value = Value::of(7), .ago = 500});
  Feed after;
  after.now = before.now;
  EXPECT_EQ(restore(after, snapshot_of(before)).samples, 1u);
  after.pass(1s);
  Answer answer;
  after.store.subscribe(
      question("m", "max", 10min), [&answer](const Answer& now) { answer = now; }, after.now);
  EXPECT_EQ(answer.value, 7);
}

TEST(Snapshot, StandingQueriesHearOfIt) {
  Feed before;
  fill(before);
  Feed after;
  after.now = before.now;
  std::vector<Answer> answers;
  after.store.subscribe(
      question("big"), [&answers](const Answer& now) { answers.push_back(now); }, after.now);
  restore(after, snapshot_of(before));
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].state, absent);
  EXPECT_EQ(answers[1].value, static_cast<double>(INT64_MAX - 1));
}

TEST(Snapshot, KnowsItsSeriesWhenTheirPointsComeAgain) {
  Feed before;
  before.send({.metric = "m", .ago = 10, .attributes = {{"a", "1"}}});
  Feed after({.series_max = 1});
  after.now = before.now;
  restore(after, snapshot_of(before));
  EXPECT_EQ(after.send({.metric = "m", .ago = 10, .attributes = {{"a", "1"}}}, testing::By::digest),
            Appended::duplicate);
  EXPECT_EQ(after.send({.metric = "m", .ago = 5, .attributes = {{"a", "1"}}}, testing::By::digest),
            Appended::stored);
}

TEST(Snapshot, LimitsHoldForWhatComesBack) {
  Feed before;
  fill(before);
  const std::string file = snapshot_of(before);
  const auto refused = [&](Options options) {
    Feed after(options);
    after.now = before.now;
    return restore(after, file).refused;
  };
  EXPECT_EQ(refused({.series_max = 20}), 31u);
  EXPECT_EQ(refused({.series_per_resource_max = 10}), 30u);
  EXPECT_GT(refused({.bytes_max = 8'000}), 10u);
}

TEST(Snapshot, ADamagedOneGivesNothing) {
  Feed before;
  fill(before);
  const std::string file = snapshot_of(before, 1000);
  for (std::size_t size = 0; size < file.size(); size += 1 + size / 50)
    EXPECT_FALSE(Snapshot::check(std::string_view(file).substr(0, size))) << size;
  for (std::size_t at = 0; at < file.size(); at += 1 + at / 50) {
    if (at >= 24 && at < 32) continue;  // the time at which it was written means nothing to us
    std::string damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    EXPECT_FALSE(Snapshot::check(damaged)) << at;
  }
  EXPECT_FALSE(Snapshot::check(file + "x"));
  EXPECT_FALSE(Snapshot::check(std::string(1000, '\0')));
}

TEST(Snapshot, SaysWhatIsWrong) {
  Feed before;
  fill(before);
  const std::string file = snapshot_of(before);
  const auto why = [](std::string_view bytes) { return Snapshot::check(bytes).error().what; };
  EXPECT_EQ(why(""), "not a snapshot of series");
  EXPECT_EQ(why("SQLite format 3, and so on and so forth"), "not a snapshot of series");
  std::string other = file;
  other[16] = 9;
  EXPECT_EQ(why(other), "written by another version: layout 9, not 2");
  std::string older = file;
  older[16] = 1;
  EXPECT_EQ(why(older), "written by another version: layout 1, not 2");
  std::string odd = file;
  odd[20] = 2;
  EXPECT_EQ(why(odd), "its head makes no sense");
  EXPECT_EQ(why(std::string_view(file).substr(0, file.size() / 2)), "cut off or damaged");
}

// A block that lies: framed and hashed as it should be, but not what a store writes.
TEST(Snapshot, BlocksThatMakeNoSenseAreRefused) {
  using namespace std::string_literals;
  const std::string labels =
      "L\x04\x01"
      "a"
      "\x01"
      "b"s;
  const std::string metric = "M\x01m\x01"s;
  const std::string lies[] = {
      "X",  // no such entry
      "L\x05\x01"
      "a"s,              // cut off
      "L\x02\x05\x01"s,  // labels that are none
      "L\x08\x01"
      "b\x01x\x01"
      "a\x01x"s,                                                      // not sorted
      metric + labels + "S\x00\x00\x00\x01\x00\x00\x00\x00\x00"s,     // a set that was not there
      metric + labels + "S\x01\x00\x00\x00\x00\x00\x00\x00\x00"s,     // a name that was not there
      metric + labels + "S\x00\x00\x00\x00\x07\x00\x00\x00\x00"s,     // no such shape
      metric + labels + "S\x00\x00\x00\x00\x00\x00\x00\x00\x03xyz"s,  // a third of a sample
      metric + labels + "S\x00\x00\x00\x00\x00\x00\x00\x7f"s,         // runs without end
      "D\x01\x01m\x01s\x00"s,                                         // of no metric
      metric + "D\x05\x01m\x01s\x00"s,                                // no such type
      metric + "D\x01\x01m\x05s"s,                                    // cut off
      "B\x07\x00\x00\x00\x00\x00\x00\x00"s,                           // most of a number
      "B\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"s,  // 0, 0
      "B\x08\x00\x00\x00\x00\x00\x00\xf8\x7f"s,                                  // not a number
  };
  for (const std::string& lie : lies) {
    std::string file;
    SnapshotWriter writer = writer_to(file);
    ASSERT_TRUE(writer.begin({}, Coverage::moment) && writer.block(lie) && writer.end());
    const auto checked = Snapshot::check(file);
    ASSERT_FALSE(checked) << lie;
    EXPECT_EQ(checked.error().what, "a block makes no sense");
  }
}

TEST(Snapshot, SaysWhetherMoreCameAfterwards) {
  for (const Coverage coverage : {Coverage::moment, Coverage::complete}) {
    std::string file;
    SnapshotWriter writer = writer_to(file);
    ASSERT_TRUE(writer.begin(Timestamp{7}, coverage) && writer.end());
    const auto snapshot = Snapshot::check(file);
    ASSERT_TRUE(snapshot) << snapshot.error().what;
    EXPECT_EQ(snapshot->coverage(), coverage);
    EXPECT_EQ(snapshot->created(), Timestamp{7});
  }
}

TEST(Snapshot, KeepsWhatIsSaidOfMetrics) {
  Feed before;
  const auto say = [&](std::string_view series, const MetadataView& said) {
    before.send({.metric = std::string(series)});
    before.store.look(0, [&](Store& shard) { shard.describe(series, said); });
  };
  const std::string help(Metadata::help_bytes_max, 'x');
  say("queue.depth", {"queue.depth", MetricType::gauge, "{message}", help});
  say("latency_count", {"latency", MetricType::histogram, "s", ""});
  before.send({.metric = "unsaid"});
  Feed after({}, {}, 3);
  after.now = before.now;
  restore(after, snapshot_of(before, 1));
  const auto rows = after.store.metadata("", 100).rows;
  EXPECT_EQ(rows, before.store.metadata("", 100).rows);
  EXPECT_EQ(rows.size(), 2u);
  EXPECT_EQ(after.store.metadata_of("latency").at(0).unit, "s");
}

TEST(Snapshot, WhatWasSaidSinceStays) {
  Feed before;
  before.send({.metric = "m"});
  before.store.look(0, [](Store& shard) { shard.describe("m", {.name = "m", .unit = "s"}); });
  Feed after;
  after.now = before.now;
  after.send({.metric = "m", .attributes = {{"a", "b"}}});
  after.store.look(0, [](Store& shard) { shard.describe("m", {.name = "m", .unit = "ms"}); });
  EXPECT_EQ(restore(after, snapshot_of(before)).series, 1u);
  EXPECT_EQ(after.store.metadata_of("m").at(0).unit, "ms");
}

TEST(Snapshot, AFailingSinkEndsIt) {
  SnapshotWriter writer(
      [](std::string_view) -> Result<void> { return fail(Code::exhausted, "no space left"); });
  EXPECT_EQ(writer.begin({}, Coverage::moment).error().what, "no space left");
}

}  // namespace
}  // namespace tsdb
