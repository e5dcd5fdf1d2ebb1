#include "tsdb/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tsdb/testing/feed.h"

namespace tsdb {
namespace {

using namespace std::chrono_literals;
using testing::counter;
using ::testing::ElementsAre;
using testing::Feed;
using testing::question;
using enum Answer::State;

// Keeps what a standing query reports.
struct Heard {
  std::vector<Answer> answers;
  std::function<void(const Answer&)> report() {
    return [this](const Answer& answer) { answers.push_back(answer); };
  }
  const Answer& last() const { return answers.back(); }
};

TEST(Store, TellsWhatBecameOfAPoint) {
  Feed feed;
  EXPECT_EQ(feed.send({.metric = "m", .ago = 120}), Appended::stored);
  EXPECT_EQ(feed.send({.metric = "m", .ago = 120}), Appended::duplicate);
  EXPECT_EQ(feed.send({.metric = "m", .ago = 120.001}), Appended::too_old);
  EXPECT_EQ(feed.send({.metric = "m", .ago = -60.001}), Appended::too_far_ahead);
  EXPECT_EQ(feed.send({.metric = "m", .no_recorded_value = true}), Appended::no_value);
  EXPECT_EQ(feed.send({.metric = "unknown", .no_recorded_value = true}), Appended::no_value);
  EXPECT_EQ(feed.store.series_count(), 1u);
  feed.store.publish(feed.now);
  const std::string metrics = feed.registry.render();
  EXPECT_THAT(metrics,
              ::testing::HasSubstr("tidewheel_store_points_total{outcome=\"too_old\"} 1\n"));
  EXPECT_THAT(metrics,
              ::testing::HasSubstr("tidewheel_store_points_total{outcome=\"no_value\"} 2\n"));
  EXPECT_THAT(metrics, ::testing::HasSubstr("tidewheel_store_series 1\n"));
  EXPECT_THAT(metrics, ::testing::HasSubstr("tidewheel_store_samples 1\n"));
}

TEST(Store, OfTwoValuesAtOneTimeTheLastOneWins) {
  Feed feed;
  feed.send({.metric = "m", .value = Value::of(1)});
  feed.send({.metric = "m", .value = Value::of(2)});
  EXPECT_EQ(feed.ask("m").value, 2);
  EXPECT_EQ(feed.ask("m", "count").value, 1);
}

TEST(Store, TimesBeforeTheEpochAreTooOldWhateverTheClock) {
  Feed feed;
  feed.now = Timestamp{1};
  EXPECT_EQ(feed.send({.metric = "m", .ago = 1}), Appended::too_old);
}

struct Seen {
  const char* query;
  double want;
};

TEST(Store, LabelsComeFromPointThenResourceButHostFromTheResource) {
  Feed feed;
  feed.send(
      {.metric = "m",
       .value = Value::of(1),
       .attributes = {{"host.name", "q"}, {"env", "point"}},
       .resource = {
           {"host.name", "n1"}, {"pod", "p1"}, {"env", "resource"}, {"service.name", "shop"}}});
  feed.send({.metric = "m",
             .value = Value::of(2),
             .attributes = {{"env", ""}},
             .resource = {{"pod", "p2"}, {"env", "resource"}}});
  feed.send(
      {.metric = "m", .value = Value::of(4), .attributes = {{"host.name", "q"}, {"pod", "p4"}}});
  const Seen seen[] = {
      {"m{host.name=n1}", 1},       {"m{host.name=p2}", 2}, {"m{host.name=q}", 4},
      {"m{env=point}", 1},          {"m{env=\"\"}", 6},     {"m{service.name=shop}", 1},
      {"m{service.name!=shop}", 6}, {"m{pod=~\"p.\"}", 7},  {"m{pod=~\"p\",env!~\"x\"}", 0}};
  for (const auto& row : seen) EXPECT_EQ(feed.ask(row.query).value, row.want) << row.query;
}

TEST(Store, IdentityIsResourceScopeNameAndAttributes) {
  Feed feed;
  feed.send({.metric = "m", .attributes = {{"a", "1"}, {"b", "2"}}});
  feed.send({.metric = "m", .ago = 0, .attributes = {{"b", "2"}, {"a", "1"}}});
  EXPECT_EQ(feed.store.series_count(), 1u);
  feed.send({.metric = "m", .attributes = {{"a", "1"}}, .resource = {{"b", "2"}}});
  feed.send({.metric = "m", .attributes = {{"a", "1"}, {"b", "2"}}, .scope = {{"s", "1"}}});
  feed.send({.metric = "n", .attributes = {{"a", "1"}, {"b", "2"}}});
  EXPECT_EQ(feed.store.series_count(), 4u);
}

TEST(Store, ACounterStartsAnewWhenItFallsOrSaysSo) {
  Feed feed;
  feed.send(counter({.metric = "c", .value = Value::of(100), .ago = 40, .start_ago = 600}));
  feed.send(counter({.metric = "c", .value = Value::of(150), .ago = 30, .start_ago = 600}));
  feed.send(counter({.metric = "c", .value = Value::of(160), .ago = 20, .start_ago = 25}));
  EXPECT_DOUBLE_EQ(feed.ask("c", "rate").value, (50 + 160) / 20.0);
  feed.send(counter({.metric = "c", .value = Value::of(5), .ago = 10, .start_ago = 25}));
  EXPECT_DOUBLE_EQ(feed.ask("c", "rate").value, (50 + 160 + 5) / 30.0);
}

TEST(Store, SeriesWithFewerThanTwoSamplesTakeNoPartInARate) {
  Feed feed;
  feed.send(counter({.metric = "c", .value = Value::of(10), .attributes = {{"p", "a"}}}));
  EXPECT_EQ(feed.ask("c", "rate"),
            (Answer{.state = absent, .newest = feed.before(1), .matched = 1}));
  feed.send(counter({.metric = "c", .value = Value::of(0), .ago = 11, .attributes = {{"p", "b"}}}));
  feed.send(counter({.metric = "c", .value = Value::of(40), .attributes = {{"p", "b"}}}));
  EXPECT_EQ(
      feed.ask("avg(c)", "rate"),
      (Answer{.state = value, .value = 4, .newest = feed.before(1), .series = 1, .matched = 2}));
}

TEST(Store, AnEndedSeriesHasNoLastValueButAPast) {
  Feed feed;
  feed.send({.metric = "g", .value = Value::of(7), .ago = 10});
  feed.send({.metric = "g", .ago = 5, .no_recorded_value = true});
  EXPECT_EQ(feed.ask("g").state, stale);
  EXPECT_EQ(feed.ask("g", "max").value, 7);
  feed.send({.metric = "g", .value = Value::of(8), .ago = 6});  // late, the end came after it
  EXPECT_EQ(feed.ask("g").state, stale);
  feed.send({.metric = "g", .value = Value::of(9), .ago = 1});
  EXPECT_EQ(feed.ask("g").value, 9);
  EXPECT_EQ(feed.ask("g", "count").value, 3);
}

TEST(Store, ASeriesOfOneMetricEndsWhileAnotherGoesOn) {
  Feed feed;
  feed.send({.metric = "g", .value = Value::of(100), .ago = 3, .attributes = {{"pod", "gone"}}});
  feed.send({.metric = "g", .value = Value::of(1), .ago = 3, .attributes = {{"pod", "live"}}});
  feed.send({.metric = "g", .ago = 1, .attributes = {{"pod", "gone"}}, .no_recorded_value = true});
  EXPECT_EQ(feed.ask("g").value, 1);
}

TEST(Store, KeepsTheNewestSamplesOfACrowdedSeries) {
  Feed feed({.samples_per_series_max = 3});
  for (const double ago : {10, 8, 6, 4})
    feed.send({.metric = "m", .value = Value::of(ago), .ago = ago});
  EXPECT_EQ(feed.ask("m", "max").value, 8);
  EXPECT_EQ(feed.send({.metric = "m", .value = Value::of(99), .ago = 9}), Appended::too_old);
  feed.send({.metric = "m", .value = Value::of(5), .ago = 5});
  EXPECT_EQ(feed.ask("m", "max").value, 6);
  EXPECT_EQ(feed.ask("m", "count").value, 3);
}

TEST(Standing, ReportsAtOnceThenOnlyChanges) {
  Feed feed;
  Heard heard;
  const auto id = feed.store.subscribe(question("m{k=v}"), heard.report(), feed.now);
  EXPECT_EQ(heard.answers, (std::vector{Answer{}}));
  feed.send({.metric = "m", .value = Value::of(5), .attributes = {{"k", "v"}}});
  feed.send({.metric = "m", .value = Value::of(9), .attributes = {{"k", "other"}}});
  EXPECT_EQ(heard.answers.size(), 1u);
  feed.store.publish(feed.now);
  EXPECT_EQ(
      heard.last(),
      (Answer{.state = value, .value = 5, .newest = feed.before(1), .series = 1, .matched = 1}));
  feed.send({.metric = "m", .value = Value::of(5), .ago = 0, .attributes = {{"k", "v"}}});
  feed.store.publish(feed.now);
  EXPECT_EQ(heard.answers.size(), 2u);  // only `newest` moved
  feed.store.tick(feed.now);
  EXPECT_EQ(heard.answers.size(), 3u);
  EXPECT_EQ(heard.last().newest, feed.now);
  feed.store.unsubscribe(id);
  feed.send({.metric = "m", .value = Value::of(6), .ago = -1, .attributes = {{"k", "v"}}});
  feed.store.publish(feed.now);
  EXPECT_EQ(heard.answers.size(), 3u);
}

TEST(Standing, TimeAloneChangesAnswers) {
  Feed feed({.retention = 10s});
  Heard heard;
  feed.send({.metric = "m", .value = Value::of(9), .ago = 8});
  feed.send({.metric = "m", .value = Value::of(2), .ago = 3});
  feed.store.subscribe(question("m", "max"), heard.report(), feed.now);
  EXPECT_EQ(heard.last().value, 9);
  feed.pass(2s);
  EXPECT_EQ(heard.last().value, 9);
  feed.pass(1s);
  EXPECT_EQ(heard.last().value, 2);
  EXPECT_EQ(heard.answers.size(), 2u);
}

TEST(Standing, SilenceIsStaleAlsoAfterTheSeriesIsForgotten) {
  Feed feed;
  Heard heard;
  feed.store.subscribe(question("m"), heard.report(), feed.now);
  EXPECT_EQ(heard.last().state, absent);
  feed.send({.metric = "m", .value = Value::of(5), .ago = 0});
  const Timestamp sent = feed.now;
  feed.store.publish(feed.now);
  feed.pass(121s);
  EXPECT_EQ(feed.store.series_count(), 0u);
  EXPECT_EQ(feed.ask("m").state, absent);
  EXPECT_EQ(heard.last(), (Answer{.state = stale, .newest = sent}));
  feed.send({.metric = "m", .value = Value::of(6)});
  feed.store.publish(feed.now);
  EXPECT_EQ(heard.last().value, 6);
}

TEST(Standing, ARateThatOnceHadAValueIsStaleWithoutOne) {
  Feed feed({.retention = 10s});
  Heard heard;
  feed.store.subscribe(question("c", "rate"), heard.report(), feed.now);
  feed.send(counter({.metric = "c", .value = Value::of(1), .ago = 8}));
  feed.store.publish(feed.now);
  EXPECT_EQ(heard.last().state, absent);
  feed.send(counter({.metric = "c", .value = Value::of(4), .ago = 2}));
  feed.store.publish(feed.now);
  EXPECT_EQ(heard.last().value, 0.5);
  feed.pass(5s);
  EXPECT_EQ(heard.last().state, stale);
}

TEST(Standing, WiderWindowsWidenTheRetentionOfTheirMetric) {
  Feed feed;
  Heard heard;
  const auto id = feed.store.subscribe(question("a.b", "count", 300s), heard.report(), feed.now);
  EXPECT_EQ(feed.send({.metric = "a_b", .ago = 299}), Appended::stored);
  EXPECT_EQ(feed.send({.metric = "other", .ago = 299}), Appended::too_old);
  feed.store.tick(feed.now);
  EXPECT_EQ(heard.last().value, 1);
  feed.store.unsubscribe(id);
  feed.store.tick(feed.now);
  EXPECT_EQ(feed.store.series_count(), 0u);
}

TEST(Standing, NarrowWindowsLookBackLess) {
  Feed feed;
  Heard heard;
  feed.send({.metric = "m", .value = Value::of(1), .ago = 20});
  feed.store.subscribe(question("m", "last_one", 30s), heard.report(), feed.now);
  EXPECT_EQ(heard.last().state, value);
  feed.pass(11s);
  EXPECT_EQ(heard.last(), (Answer{.state = stale, .newest = feed.before(31), .matched = 1}));
}

TEST(Standing, TheFirstExactSpellingTakesTheQueryOver) {
  Feed feed;
  Heard heard;
  feed.store.subscribe(question("a.b"), heard.report(), feed.now);
  feed.send({.metric = "a_b", .value = Value::of(1), .ago = 0});
  feed.store.publish(feed.now);
  EXPECT_EQ(heard.last().value, 1);
  feed.send({.metric = "a.b", .value = Value::of(2), .ago = 60});
  feed.store.publish(feed.now);
  EXPECT_EQ(heard.last().value, 2);
  feed.send({.metric = "a_b", .value = Value::of(5), .ago = 0, .attributes = {{"k", "v"}}});
  feed.store.publish(feed.now);
  EXPECT_EQ(heard.last().value, 2);
  feed.pass(61s);  // a.b is gone
  EXPECT_EQ(heard.last().value, 6);
}

TEST(Standing, ReportsMaySubscribeAndUnsubscribe) {
  Feed feed;
  Heard inner;
  StandingId id = 0;
  int calls = 0;
  id = feed.store.subscribe(
      question("m"),
      [&](const Answer& answer) {
        ++calls;
        if (answer.state != value) return;
        feed.store.unsubscribe(id);
        feed.store.subscribe(question("m", "count"), inner.report(), feed.now);
      },
      feed.now);
  feed.send({.metric = "m", .value = Value::of(3)});
  feed.store.publish(feed.now);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(inner.last().value, 1);
  feed.send({.metric = "m", .value = Value::of(4), .ago = 0});
  feed.store.publish(feed.now);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(inner.last().value, 2);
}

TEST(Store, ResetForgetsSeriesButNotQuestions) {
  Feed feed;
  Heard heard;
  feed.store.subscribe(question("m"), heard.report(), feed.now);
  feed.send({.metric = "m", .value = Value::of(3)});
  feed.store.publish(feed.now);
  feed.store.reset();
  EXPECT_EQ(feed.store.series_count(), 0u);
  EXPECT_EQ(feed.ask("m"), Answer{});
  feed.store.publish(feed.now);
  EXPECT_EQ(heard.last().state, stale);
  feed.send({.metric = "m", .value = Value::of(4)});
  feed.store.publish(feed.now);
  EXPECT_EQ(heard.last().value, 4);
}

TEST(Store, ALargeStoreIsSweptOverSeveralTicks) {
  Feed feed;
  for (int i = 0; i < 40'000; ++i) {
    feed.send({.metric = i % 2 ? "odd" : "even", .attributes = {{"i", std::to_string(i)}}});
  }
  feed.send({.metric = "even", .ago = -60});
  feed.pass(150s);
  EXPECT_GT(feed.store.series_count(), 1u);
  EXPECT_EQ(feed.ask("odd").state, stale);
  feed.store.tick(feed.now);
  EXPECT_EQ(feed.store.series_count(), 1u);
  EXPECT_THAT(feed.store.names("", 10).names, ElementsAre("even"));
}

}  // namespace
}  // namespace tsdb
