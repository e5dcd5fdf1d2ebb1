// What several shards together must do that one does by itself.

#include "tsdb/shards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <set>
#include <thread>

#include "tsdb/testing/feed.h"

namespace tsdb {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::Feed;
using testing::question;
using testing::Sent;
using ::testing::SizeIs;
using enum Answer::State;

constexpr std::size_t four = 4;

// Names of resources, of which the i-th lives in shard i.
std::vector<std::string> pods_by_shard(const Shards& store) {
  std::vector<std::string> pods(store.size());
  std::size_t found = 0;
  for (int i = 0; found < pods.size(); ++i) {
    std::string pod = "pod-" + std::to_string(i);
    const LabelView label{"pod", pod};
    auto& place = pods[store.home_of({&label, 1}).shard];
    if (place.empty()) ++found;
    place = std::move(pod);
  }
  return pods;
}

// A store of four shards, fed by a resource in each.
struct Four {
  explicit Four(Options options = {}) : feed(options, {}, four), pods(pods_by_shard(feed.store)) {}

  Appended send(std::size_t shard, Sent sent) {
    sent.resource = {{"pod", pods[shard]}};
    return feed.send(sent);
  }
  // The answers of a new standing query.
  std::vector<Answer>& listen(const char* query, const char* operation = "last_one",
                              std::optional<Duration> window = {}) {
    auto& heard = *answers.emplace_back(std::make_unique<std::vector<Answer>>());
    last_id = feed.store.subscribe(
        question(query, operation, window),
        [&heard](const Answer& answer) { heard.push_back(answer); }, feed.now);
    return heard;
  }

  Feed feed;
  std::vector<std::string> pods;
  std::vector<std::unique_ptr<std::vector<Answer>>> answers;
  StandingId last_id = 0;
};

TEST(Shards, ResourcesLiveWhereTheirLabelsSay) {
  base::metrics::Registry registry;
  const Shards store({}, four, Log{}, registry);
  const std::array ab{LabelView{"a", "1"}, LabelView{"b", "2"}};
  const std::array ba{LabelView{"b", "2"}, LabelView{"a", "1"}};
  const std::array twice{LabelView{"b", "2"}, LabelView{"a", "0"}, LabelView{"a", "1"}};
  EXPECT_EQ(store.home_of(ab).shard, store.home_of(ba).shard);
  EXPECT_EQ(store.home_of(ab).shard, store.home_of(twice).shard);
  EXPECT_FALSE(store.home_of(ab).repeated);
  EXPECT_TRUE(store.home_of(twice).repeated);
  std::set<std::size_t> homes;
  for (int i = 0; i < 200; ++i) {
    const std::string name = std::to_string(i);
    const LabelView label{"pod", name};
    homes.insert(store.home_of({&label, 1}).shard);
  }
  EXPECT_THAT(homes, SizeIs(four));
}

TEST(Shards, AnAnswerIsOfAllOfThem) {
  struct Case {
    const char* query;
    const char* operation;
    double want;
  };
  const Case cases[] = {{"sum(m)", "last_one", 10}, {"avg(m)", "last_one", 2.5},
                        {"min(m)", "last_one", 1},  {"max(m)", "last_one", 4},
                        {"count(m)", "max", 4},     {"m{pod!=x}", "last_one", 10}};
  Four of;
  for (std::size_t i = 0; i < four; ++i) {
    for (const auto& c : cases) of.listen(c.query, c.operation);
    of.send(i, {.metric = "m", .value = Value::of_int(static_cast<std::int64_t>(i) + 1)});
    of.feed.store.publish(of.feed.now);
  }
  for (std::size_t i = 0; i < of.answers.size(); ++i) {
    const Case& c = cases[i % std::size(cases)];
    SCOPED_TRACE(c.query);
    EXPECT_EQ(of.answers[i]->back().value, c.want);
    EXPECT_EQ(of.answers[i]->back().series, four);
    EXPECT_EQ(of.feed.ask(c.query, c.operation), of.answers[i]->back());
  }
}

TEST(Shards, AnExactSpellingInOneGoesBeforeTheOthersInAll) {
  Four of;
  const auto& heard = of.listen("a.b");
  of.send(0, {.metric = "a_b", .value = Value::of(1), .ago = 0});
  of.send(1, {.metric = "a/b", .value = Value::of(2), .ago = 0});
  of.feed.store.publish(of.feed.now);
  EXPECT_EQ(heard.back().value, 3);
  of.send(2, {.metric = "a.b", .value = Value::of(5), .ago = 60});
  of.feed.store.publish(of.feed.now);
  EXPECT_EQ(heard.back().value, 5);
  EXPECT_EQ(of.feed.ask("a.b").value, 5);
  of.feed.pass(61s);  // a.b is gone
  EXPECT_EQ(heard.back().value, 3);
}

TEST(Shards, TimeAndEndsInOneChangeTheAnswerOfAll) {
  Four of({.retention = 10s});
  const auto& heard = of.listen("sum(m)", "max");
  of.send(0, {.metric = "m", .value = Value::of(1), .ago = 8});
  of.send(3, {.metric = "m", .value = Value::of(2), .ago = 3});
  of.feed.store.publish(of.feed.now);
  EXPECT_EQ(heard.back().value, 3);
  of.feed.advance(4s);
  EXPECT_EQ(of.feed.store.answer(of.last_id, of.feed.now)->value, 2);  // without a tick
  of.feed.pass(10s);
  EXPECT_EQ(heard.back().state, stale);
  EXPECT_FALSE(heard.back().ended);
}

TEST(Shards, SilenceIsEndedOnlyWhereAllOfItIs) {
  Four of({.retention = 10s});
  const auto& heard = of.listen("sum(m)");
  for (const std::size_t shard : {0, 2}) of.send(shard, {.metric = "m", .ago = 2});
  of.feed.store.publish(of.feed.now);
  of.send(0, {.metric = "m", .ago = 1, .no_recorded_value = true});
  of.feed.pass(9s);
  EXPECT_EQ(heard.back().state, stale);
  EXPECT_FALSE(heard.back().ended);  // nobody ended that of shard 2
  Four other({.retention = 10s});
  const auto& told = other.listen("sum(m)");
  for (const std::size_t shard : {0, 2}) other.send(shard, {.metric = "m", .ago = 2});
  for (const std::size_t shard : {0, 2}) {
    other.send(shard, {.metric = "m", .ago = 1, .no_recorded_value = true});
    other.feed.store.publish(other.feed.now);
  }
  EXPECT_EQ(told.back().state, stale);
  EXPECT_TRUE(told.back().ended);
}

TEST(Shards, TheSeriesLimitIsOfAllTogether) {
  Four of({.series_max = 3});
  for (std::size_t i = 0; i < four; ++i) {
    const Appended want = i < 3 ? Appended::stored : Appended::series_limit;
    EXPECT_EQ(of.send(i, {.metric = "m"}), want);
  }
  of.feed.pass(200s);
  EXPECT_EQ(of.feed.store.series_count(), 0u);
  EXPECT_EQ(of.send(3, {.metric = "m"}), Appended::stored);
}

TEST(Shards, NumbersOfTheRegistryAreOfAllTogether) {
  Four of;
  for (std::size_t i = 0; i < four; ++i) of.send(i, {.metric = "m"});
  of.listen("m");
  of.feed.store.tick(of.feed.now);
  const std::string text = of.feed.registry.render();
  for (const char* line : {"tidewheel_store_series 4\n", "tidewheel_store_standing_queries 1\n",
                           "keda_otel_scaler_metric_points_written{name=\"m\"} 4\n",
                           "tidewheel_store_points_total{outcome=\"stored\"} 4\n"})
    EXPECT_THAT(text, ::testing::HasSubstr(line));
  EXPECT_EQ(of.feed.store.standing_links(), four);
  of.feed.store.unsubscribe(of.last_id);
  of.feed.pass(200s);
  EXPECT_THAT(of.feed.registry.render(), ::testing::Not(::testing::HasSubstr("{name=\"m\"}")));
}

TEST(Shards, ListingsGoThroughAllInOrderWhateverTheSlice) {
  Four of;
  for (const char* metric : {"b", "a", "c.d"}) {
    for (std::size_t i = 0; i < four; ++i) {
      for (const char* k : {"1", "2"}) of.send(i, {.metric = metric, .attributes = {{"k", k}}});
    }
  }
  of.send(2, {.metric = "only"});
  for (const std::size_t bytes_max : {1, 100, 500, 100'000}) {
    SCOPED_TRACE(bytes_max);
    std::vector<std::string> metrics;
    std::set<std::pair<std::string, Labels>> rows;
    for (std::optional<Place> place = Place{}; place;) {
      const auto slice = of.feed.store.series(*place, bytes_max);
      for (const auto& row : slice.rows) {
        metrics.push_back(row.metric);
        rows.emplace(row.metric, row.labels);
      }
      place = slice.next;
    }
    EXPECT_THAT(metrics, SizeIs(25));
    EXPECT_THAT(rows, SizeIs(25));
    EXPECT_TRUE(std::ranges::is_sorted(metrics));
  }
  EXPECT_THAT(of.feed.store.names("", 10).names, ElementsAre("a", "b", "c_d", "only"));
  std::vector<std::string> names;
  for (std::optional<std::string> from = ""; from;) {
    const auto slice = of.feed.store.names(*from, 1);
    names.insert(names.end(), slice.names.begin(), slice.names.end());
    from = slice.next;
  }
  EXPECT_THAT(names, ElementsAre("a", "b", "c_d", "only"));
}

TEST(Shards, WrongClocksAreFoundWhereverTheyAre) {
  Four of;
  for (std::size_t i = 0; i < four; ++i) {
    of.feed.advance(1s);
    of.send(i, {.metric = "m", .ago = 600});
  }
  EXPECT_THAT(of.feed.store.wrong_clocks(), SizeIs(four));
  const auto clock = of.feed.store.wrong_clock(question("m"), of.feed.now);
  ASSERT_TRUE(clock);
  EXPECT_EQ(clock->resource[0].value, of.pods[3]);
}

TEST(Shards, AMomentAnotherThreadReadJustBeforeIsTheLatestOne) {
  Four of;
  const Timestamp later = of.feed.now + Duration{1000};
  of.feed.store.write(0, later, [later](Store&, Timestamp now) { EXPECT_EQ(now, later); });
  of.feed.store.write(0, of.feed.now, [later](Store&, Timestamp now) { EXPECT_EQ(now, later); });
  const Timestamp set_back = of.feed.now - 1h;
  of.feed.store.write(0, set_back, [=](Store&, Timestamp now) { EXPECT_EQ(now, set_back); });
}

// What is wanted of a store that keeps only that.
struct Choosy {
  explicit Choosy(WantedOptions wanted = {.all = false})
      : of({.wanted = std::move(wanted)}), view(of.feed.store.wanted()) {}

  bool wants(const char* metric) {
    view.refresh();
    return view.wants(metric);
  }
  // A minute at a time, as it passes.
  void pass(Duration d) {
    for (; d > Duration{}; d -= 1min) of.feed.pass(1min);
  }

  Four of;
  WantedView view;
};

TEST(ShardsWanted, EveryQuestionForAMetricAsksForItForAWhile) {
  struct Case {
    const char* name;
    std::function<void(Four&)> ask;
  };
  const Case cases[] = {
      {"an evaluation", [](Four& of) { of.feed.ask("sum(m{pod=x})"); }},
      {"rows of a histogram",
       [](Four& of) { of.feed.store.histograms(question("m").query, {}, of.feed.now, 1); }},
      {"what a histogram observed",
       [](Four& of) { of.feed.store.histogram_increase(question("m").query, {}, of.feed.now); }},
      {"who is about to ask", [](Four& of) { of.feed.store.want("m", of.feed.now); }},
      {"a standing query that has ended",
       [](Four& of) {
         of.listen("m");
         of.feed.store.unsubscribe(of.last_id);
       }},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Choosy choosy;
    choosy.of.feed.store.tick(choosy.of.feed.now);
    EXPECT_FALSE(choosy.wants("m"));
    c.ask(choosy.of);
    EXPECT_TRUE(choosy.wants("m"));
    EXPECT_FALSE(choosy.wants("n"));
    choosy.pass(10min);
    EXPECT_TRUE(choosy.wants("m"));
    choosy.pass(1min);
    EXPECT_FALSE(choosy.wants("m"));
  }
}

TEST(ShardsWanted, AStandingQueryHoldsItsMetricUntilItEnds) {
  Choosy choosy;
  choosy.of.listen("sum(a.b{x=y})");
  const auto first = choosy.of.last_id;
  choosy.of.listen("max(a_b)");
  choosy.pass(60min);
  EXPECT_TRUE(choosy.wants("a/b"));
  choosy.of.feed.store.unsubscribe(first);
  choosy.of.feed.store.unsubscribe(first);
  choosy.pass(60min);
  EXPECT_TRUE(choosy.wants("a/b"));
  choosy.of.feed.store.unsubscribe(choosy.of.last_id);
  choosy.pass(11min);
  EXPECT_FALSE(choosy.wants("a/b"));
}

TEST(ShardsWanted, ListingsAndResetsChangeNothing) {
  Choosy choosy({.all = false, .always = {"kept"}});
  auto& store = choosy.of.feed.store;
  choosy.of.feed.ask("asked");
  choosy.of.send(0, {.metric = "there"});
  store.names("", 10);
  store.series({}, 1'000);
  store.metadata("", 10);
  store.metadata_of("there");
  EXPECT_EQ(store.peek(question("there"), choosy.of.feed.now).state, value);
  store.reset();
  EXPECT_TRUE(choosy.wants("kept"));
  EXPECT_TRUE(choosy.wants("asked"));
  EXPECT_FALSE(choosy.wants("there"));
}

// A delta stream without points, whose resource reports, has nothing to count, unless nobody kept
// its points.
TEST(ShardsWanted, SilenceIsNoEvidenceBeforeItsMetricWasKeptForTwoWindows) {
  Choosy choosy;
  auto& feed = choosy.of.feed;
  const Duration window = feed.store.options().retention;
  const auto report = [&] {
    feed.pass(10s);
    choosy.of.send(0, {.metric = "alive", .ago = 0});
    feed.store.publish(feed.now);
  };
  const Sent jobs{.metric = "jobs",
                  .value = Value::of(3),
                  .ago = 0,
                  .kind = Kind::sum,
                  .temporality = Temporality::delta,
                  .monotonic = true};
  choosy.of.send(0, jobs);  // while it was wanted
  const auto& heard = choosy.of.listen("jobs");
  const Timestamp asked = feed.now;
  EXPECT_EQ(heard.back().state, value);
  while (feed.now < asked + 2 * window - 10s) {
    report();
    EXPECT_FALSE(heard.back().ended);
    EXPECT_FALSE(feed.ask("jobs").ended);
  }
  EXPECT_EQ(heard.back().state, stale);
  report();
  EXPECT_TRUE(heard.back().ended);

  choosy.of.send(0, jobs);
  for (const Timestamp sent = feed.now; feed.now < sent + window + 10s;) report();
  EXPECT_TRUE(heard.back().ended) << "by now its silence is its own";
}

// Four threads append to all shards, churn series, ask and subscribe at once; then it adds up.
TEST(Shards, FourThreadsAtOnceLoseNothing) {
  constexpr int rounds = 300;
  base::metrics::Registry registry;
  const Timestamp begin{1'800'000'000'000'000'000};
  Shards store({.retention = 100s}, four, Log{}, registry);
  const auto pods = pods_by_shard(store);
  std::atomic<std::uint64_t> stored{0};
  std::atomic<std::uint64_t> heard{0};
  Answer last;  // by reports, which come one at a time
  const auto kept = store.subscribe(
      question("sum(m)", "count"), [&last](const Answer& answer) { last = answer; }, begin);

  const auto append = [&](std::size_t shard, const SeriesView& view, Timestamp time, Timestamp at) {
    store.write(shard, at, [&](Store& one, Timestamp now) {
      const Point point{.time = time, .start = {}, .value = Value::of_int(1)};
      if (one.append(view, point, now) == Appended::stored) ++stored;
    });
  };
  const auto work = [&](std::size_t thread) {
    const std::string own = std::to_string(thread);
    for (int round = 0; round < rounds; ++round) {
      const Timestamp now = begin + std::chrono::milliseconds(round);
      for (std::size_t shard = 0; shard < four; ++shard) {
        const LabelView resource{"pod", pods[shard]};
        const LabelView attribute{"thread", own};
        append(shard, {.metric = "m", .resource = {&resource, 1}, .attributes = {&attribute, 1}},
               now, now);
      }
      // A series that the next tick sweeps away.
      const LabelView resource{"pod", pods[thread]};
      const std::string number = own + "-" + std::to_string(round);
      const LabelView attribute{"n", number};
      append(thread, {.metric = "brief", .resource = {&resource, 1}, .attributes = {&attribute, 1}},
             begin - 99s, now);
      const auto id = store.subscribe(
          question(round % 2 ? "m" : "count(brief)"), [&heard](const Answer&) { ++heard; }, now);
      store.answer(kept, now);
      store.answer(id, now);
      store.evaluate(question("max(m)"), now);
      if (round % 50 == 0) store.series({}, 1'000);
      if (round % 20 == 0) store.tick_shard(thread, now + 2s);
      if (thread == 0 && round % 20 == 0) store.tick_standing(now + 2s);
      store.unsubscribe(id);
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < four; ++i) threads.emplace_back(work, i);
  threads.clear();

  const Timestamp end = begin + std::chrono::milliseconds(rounds - 1);
  store.publish(end);
  EXPECT_EQ(last.value, 4 * 4 * rounds);
  EXPECT_EQ(last.series, 16u);
  EXPECT_EQ(store.answer(kept, end)->value, 4 * 4 * rounds);
  EXPECT_EQ(store.evaluate(question("sum(m)", "count"), end).value, 4 * 4 * rounds);
  EXPECT_EQ(store.standing_links(), 16u);
  EXPECT_GE(heard, 4u * rounds);
  store.tick(begin + 2s);
  EXPECT_EQ(store.series_count(), 16u);  // no brief one is left
  EXPECT_THAT(registry.render(),
              ::testing::HasSubstr("tidewheel_store_points_total{outcome=\"stored\"} " +
                                   std::to_string(stored.load()) + "\n"));
  EXPECT_EQ(stored, 4u * 5 * rounds);
  store.unsubscribe(kept);
}

}  // namespace
}  // namespace tsdb
