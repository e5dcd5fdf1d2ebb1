// otel-add-on's known defects that concern the store, by their numbers: none of them is here.

#include <gtest/gtest.h>

#include <cmath>

#include "tsdb/testing/feed.h"

namespace tsdb {
namespace {

using testing::counter;
using testing::Feed;
using enum Answer::State;

double value_of(const Answer& answer) {
  EXPECT_EQ(answer.state, Answer::State::value);
  return answer.value;
}

TEST(Defect01, NegativeValuesStayNegative) {
  Feed feed;
  feed.send({.metric = "i", .value = Value::of_int(-5)});
  feed.send({.metric = "d", .value = Value::of(-0.25)});
  EXPECT_EQ(value_of(feed.ask("i")), -5);
  EXPECT_EQ(value_of(feed.ask("d")), -0.25);
}

TEST(Defect02, AMissingLabelIsNoMatch) {
  Feed feed;
  feed.send({.metric = "q", .value = Value::of(3), .attributes = {{"a", "1"}}});
  feed.send({.metric = "q", .value = Value::of(5), .attributes = {{"b", "2"}}});
  EXPECT_EQ(feed.ask("q{zzz=9}").state, absent);
  EXPECT_EQ(feed.ask("q{a=2}").state, absent);
  EXPECT_EQ(value_of(feed.ask("q{zzz=\"\"}")), 8);
}

TEST(Defect03, AttributesMatchByTheirTextAlsoBesideOthers) {
  Feed feed;
  feed.send({.metric = "h", .value = Value::of(3), .attributes = {{"code", "200"}, {"x", "y"}}});
  EXPECT_EQ(value_of(feed.ask("h{code=200}")), 3);
}

TEST(Defect04, SeriesThatWentStaleLeaveTheStore) {
  Feed feed;
  feed.send({.metric = "g", .value = Value::of(100), .attributes = {{"pod", "gone"}, {"z", "1"}}});
  feed.pass(std::chrono::seconds(60));
  feed.send({.metric = "g", .value = Value::of(1), .attributes = {{"pod", "live"}, {"z", "1"}}});
  EXPECT_EQ(value_of(feed.ask("g{z=1}")), 101);
  feed.pass(std::chrono::seconds(61));
  EXPECT_EQ(value_of(feed.ask("g{z=1}")), 1);
  EXPECT_EQ(feed.store.series_count(), 1u);
}

TEST(Defect05, MinKnowsItsFirstSample) {
  Feed feed;
  feed.send({.metric = "m", .value = Value::of(3), .ago = 2, .attributes = {{"p", "a"}}});
  feed.send({.metric = "m", .value = Value::of(9), .ago = 2, .attributes = {{"p", "b"}}});
  feed.send({.metric = "m", .value = Value::of(8), .ago = 1, .attributes = {{"p", "b"}}});
  EXPECT_EQ(value_of(feed.ask("min(m)", "min")), 3);
  EXPECT_EQ(value_of(feed.ask("count(m)", "min")), 2);
}

TEST(Defect06, TimeHasPartsOfASecond) {
  Feed feed;
  feed.send(counter({.metric = "c", .value = Value::of_int(0), .ago = 1.8}));
  feed.send(counter({.metric = "c", .value = Value::of_int(4), .ago = 1.4}));
  feed.send(counter({.metric = "c", .value = Value::of_int(8), .ago = 1.0}));
  EXPECT_DOUBLE_EQ(value_of(feed.ask("c", "rate")), 10);
}

TEST(Defect07, DeltasAreIncreases) {
  Feed feed;
  double ago = 50;
  for (const int delta : {10, 12, 8, 11, 9}) {
    feed.send({.metric = "d",
               .value = Value::of_int(delta),
               .ago = ago,
               .kind = Kind::sum,
               .temporality = Temporality::delta,
               .monotonic = true});
    ago -= 10;
  }
  EXPECT_DOUBLE_EQ(value_of(feed.ask("d", "rate")), 1);
  EXPECT_DOUBLE_EQ(value_of(feed.ask("d", "max")), 12);
  EXPECT_DOUBLE_EQ(value_of(feed.ask("d")), 9);
}

TEST(Defect09, WhatWasNeverSeenIsAbsentNotZero) {
  Feed feed;
  EXPECT_EQ(feed.ask("never"), Answer{});
}

TEST(Defect12, NoMatchingSeriesIsAbsentNotZero) {
  Feed feed;
  feed.send({.metric = "k", .value = Value::of(1), .attributes = {{"a", "1"}}});
  EXPECT_EQ(feed.ask("k{a=2}"), Answer{});
}

TEST(Defect13, AnExactLabelSetHidesNobody) {
  Feed feed;
  feed.send({.metric = "s", .value = Value::of(100)});
  feed.send({.metric = "s", .value = Value::of(1), .attributes = {{"pod", "a"}}});
  feed.send({.metric = "s", .value = Value::of(2), .attributes = {{"pod", "b"}}});
  EXPECT_EQ(value_of(feed.ask("s")), 103);
  EXPECT_EQ(value_of(feed.ask("count(s)")), 3);
}

TEST(Defect14, AStaleSeriesDoesNotAnswerOnceMore) {
  Feed feed;
  feed.send({.metric = "s", .value = Value::of(8), .attributes = {{"k", "x"}}});
  feed.advance(std::chrono::seconds(120));
  EXPECT_EQ(feed.ask("s{k=x}").state, stale);
}

TEST(Defect15, CountSkipsStaleSeries) {
  Feed feed;
  feed.send({.metric = "s", .value = Value::of(8), .attributes = {{"k", "x"}}});
  feed.advance(std::chrono::seconds(120));
  EXPECT_EQ(feed.ask("count(s{k=x})").state, stale);
  EXPECT_EQ(feed.ask("s", "count").state, stale);
}

TEST(Defect16, TimePassesBetweenPoints) {
  Feed feed({.retention = std::chrono::seconds(10)});
  feed.send({.metric = "g", .value = Value::of(100), .ago = 6});
  feed.send({.metric = "g", .value = Value::of(1), .ago = 1});
  EXPECT_EQ(value_of(feed.ask("g", "max")), 100);
  feed.advance(std::chrono::seconds(5));
  EXPECT_EQ(value_of(feed.ask("g", "max")), 1);
}

TEST(Defect17, PointsWithoutAValueAreNoSamples) {
  Feed feed;
  feed.send(counter({.metric = "n", .value = Value::of_int(1000), .ago = 31}));
  feed.send(counter({.metric = "n", .value = Value::of_int(1010), .ago = 21}));
  EXPECT_EQ(feed.send(counter({.metric = "n", .ago = 11, .no_recorded_value = true})),
            Appended::no_value);
  feed.send(counter({.metric = "n", .value = Value::of_int(1020), .ago = 6}));
  feed.send(counter({.metric = "n", .value = Value::of_int(1030), .ago = 1}));
  EXPECT_DOUBLE_EQ(value_of(feed.ask("n", "rate")), 1);
  EXPECT_EQ(value_of(feed.ask("n", "count")), 4);
  EXPECT_EQ(value_of(feed.ask("n")), 1030);
}

TEST(Defect18, ReplicasAreToldApartByTheirResource) {
  Feed feed;
  for (int i = 0; i < 4; ++i) {
    for (const int base : {0, 1000}) {
      feed.send(counter({.metric = "c",
                         .value = Value::of_int(base + 20 * i),
                         .ago = 40.0 - 10 * i,
                         .resource = {{"service.instance.id", std::to_string(base)}}}));
    }
  }
  EXPECT_DOUBLE_EQ(value_of(feed.ask("c", "rate")), 4);
  EXPECT_EQ(value_of(feed.ask("count(c)")), 2);
}

TEST(Defect19, ALateSampleDoesNotHideTheSeries) {
  Feed feed;
  feed.send({.metric = "s", .value = Value::of(4), .ago = 5});
  EXPECT_EQ(feed.send({.metric = "s", .value = Value::of(99), .ago = 121}), Appended::too_old);
  EXPECT_EQ(value_of(feed.ask("s")), 4);
}

TEST(Defect20, SamplesCountInOrderOfTheirTime) {
  Feed feed;
  feed.send(counter({.metric = "o", .value = Value::of_int(50), .ago = 10}));
  feed.send(counter({.metric = "o", .value = Value::of_int(10), .ago = 30}));
  feed.send(counter({.metric = "o", .value = Value::of_int(30), .ago = 20}));
  EXPECT_EQ(value_of(feed.ask("o")), 50);
  EXPECT_DOUBLE_EQ(value_of(feed.ask("o", "rate")), 2);
}

TEST(Defect21, AClockFarAheadIsRefusedAndNoneStaysFreshForEver) {
  Feed feed;
  EXPECT_EQ(feed.send({.metric = "f", .value = Value::of(1), .ago = -61}), Appended::too_far_ahead);
  EXPECT_EQ(feed.send({.metric = "f", .value = Value::of(1), .ago = -60}), Appended::stored);
  feed.pass(std::chrono::seconds(60 + 121));
  EXPECT_EQ(feed.store.series_count(), 0u);
}

TEST(Defect22, AWindowWiderThanTheRetentionKeepsEnoughForARate) {
  Feed feed({.retention = std::chrono::seconds(5)});
  feed.store.subscribe(
      testing::question("c", "rate", std::chrono::seconds(30)), [](const Answer&) {}, feed.now);
  for (int i = 0; i < 3; ++i) {
    feed.pass(std::chrono::seconds(10));
    feed.send(counter({.metric = "c", .value = Value::of_int(20 * i), .ago = 0}));
  }
  EXPECT_DOUBLE_EQ(value_of(feed.ask("c", "rate", std::chrono::seconds(30))), 2);
}

TEST(Defect23, WhatMayFallHasANegativeRate) {
  Feed feed;
  double ago = 50;
  for (const int level : {100, 90, 80, 70, 60}) {
    feed.send({.metric = "gauge", .value = Value::of_int(level), .ago = ago});
    feed.send({.metric = "sum",
               .value = Value::of_int(level),
               .ago = ago,
               .kind = Kind::sum,
               .temporality = Temporality::cumulative,
               .monotonic = false});
    ago -= 10;
  }
  EXPECT_DOUBLE_EQ(value_of(feed.ask("gauge", "rate")), -1);
  EXPECT_DOUBLE_EQ(value_of(feed.ask("sum", "rate")), -1);
}

TEST(Defect33, AnyRecentTimeIsNanoseconds) {
  Feed feed;
  feed.now = Timestamp{1'704'067'200'000'000'000};  // before otel-add-on's thresholds
  feed.send({.metric = "t", .value = Value::of(7)});
  EXPECT_EQ(value_of(feed.ask("t")), 7);
  EXPECT_EQ(feed.ask("t").newest.ns, 1'704'067'199'000'000'000);
}

TEST(Defect34, TimeGoesOnAfter2106) {
  Feed feed;
  feed.now = Timestamp{9'000'000'000'000'000'000};  // 2255
  feed.send({.metric = "t", .value = Value::of(7)});
  EXPECT_EQ(value_of(feed.ask("t")), 7);
}

TEST(Defect35, NotANumberIsAStateNotAValue) {
  Feed feed;
  feed.send({.metric = "n", .value = Value::of(std::nan("")), .attributes = {{"k", "x"}}});
  feed.send({.metric = "n", .value = Value::of(5), .attributes = {{"k", "y"}}});
  for (const char* aggregation : {"sum", "avg", "min", "max"}) {
    EXPECT_EQ(feed.ask(std::string(aggregation) + "(n)").state, not_a_number) << aggregation;
  }
  EXPECT_EQ(value_of(feed.ask("count(n)")), 2);
  EXPECT_EQ(value_of(feed.ask("n{k=y}")), 5);
  feed.send({.metric = "i", .value = Value::of(HUGE_VAL)});
  EXPECT_EQ(feed.ask("i").state, not_a_number);
}

TEST(Defect37, AnExactSpellingGoesBeforeThoseThatFoldTogether) {
  Feed feed;
  feed.send({.metric = "a.b", .value = Value::of(1)});
  feed.send({.metric = "a/b", .value = Value::of(2)});
  EXPECT_EQ(value_of(feed.ask("a.b")), 1);
  EXPECT_EQ(value_of(feed.ask("a/b")), 2);
  EXPECT_EQ(value_of(feed.ask("a_b")), 3);  // nobody spells it so: all of them
}

TEST(Defect38, LimitsAreKeptAndKnownSeriesGoOn) {
  int warnings = 0;
  Feed feed(
      {.series_max = 2, .labels_per_series_max = 2, .label_bytes_max = 8},
      Log::to(base::LogLevel::warn, base::LogFormat::text, [&](std::string_view) { ++warnings; }));
  EXPECT_EQ(feed.send({.metric = "m", .attributes = {{"a", "1"}}}), Appended::stored);
  EXPECT_EQ(feed.send({.metric = "m", .attributes = {{"a", "2"}}}), Appended::stored);
  EXPECT_EQ(feed.send({.metric = "m", .attributes = {{"a", "3"}}}), Appended::series_limit);
  EXPECT_EQ(feed.send({.metric = "m", .attributes = {{"a", "4"}}}), Appended::series_limit);
  EXPECT_EQ(feed.send({.metric = "m", .ago = 0, .attributes = {{"a", "1"}}}), Appended::stored);
  feed.store.publish(feed.now);
  EXPECT_EQ(warnings, 1);
  EXPECT_EQ(
      feed.send({.metric = "m", .attributes = {{"a", "1"}, {"b", "1"}}, .resource = {{"c", "1"}}}),
      Appended::label_limit);
  EXPECT_EQ(feed.send({.metric = "m", .attributes = {{"abcd", "12345"}}}), Appended::label_limit);
  EXPECT_EQ(feed.send({.metric = "abcdefghi"}), Appended::label_limit);
}

}  // namespace
}  // namespace tsdb
