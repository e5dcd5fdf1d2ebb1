#include "server/questions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "server/testing/rest_fixture.h"
#include "server/watches.h"

namespace server {
namespace {

using State = tsdb::Answer::State;

tsdb::Question question(std::string_view query, std::optional<Duration> window = {}) {
  return {.query = *tsdb::parse_metric_query(query), .window = window};
}

class Ear final : public Watches::Watch {
 public:
  std::vector<Finding> heard;
  bool end_at_next = false;
  std::unique_ptr<Ear>* owner = nullptr;

 private:
  void found(const Finding& finding) override {
    heard.push_back(finding);
    if (end_at_next) owner->reset();
  }
};

double standing_queries(testing::RestFixture& feed) {
  feed.store.publish(feed.clock.now());
  const std::string text = feed.registry.render();
  const std::string_view name = "\ntidewheel_store_standing_queries ";
  const std::size_t at = text.find(name);
  return at == text.npos ? -1 : std::stod(text.substr(at + name.size()));
}

TEST(Questions, ShareOneStandingQueryPerQuestionAndEndIt) {
  testing::RestFixture feed;
  Questions questions(feed.store, feed.clock);
  Watches watches(questions, {});
  {
    Ear one;
    Ear two;
    Ear other;
    ASSERT_TRUE(watches.watch(question("depth"), one));
    ASSERT_TRUE(watches.watch(question("depth"), two));
    ASSERT_TRUE(watches.watch(question("depth", std::chrono::seconds(7)), other));
    EXPECT_EQ(standing_queries(feed), 2);
    EXPECT_EQ(questions.watches(), 3u);
    feed.send("depth", 5);
    feed.store.publish(feed.clock.now());
    for (const Ear* ear : {&one, &two, &other}) {
      ASSERT_EQ(ear->heard.size(), 2u);
      EXPECT_EQ(ear->heard[0].answer.state, State::absent);
      EXPECT_EQ(ear->heard[1].answer.value, 5);
    }
  }
  EXPECT_EQ(standing_queries(feed), 0);
  EXPECT_EQ(questions.watches(), 0u);
  EXPECT_EQ(questions.remembered(), 2u);
}

// While nobody asked, nobody kept what came: the last value is no longer the last.
TEST(Questions, ForgetTheLastValueWhereTheStoreDidNotKeepWhatCame) {
  base::testing::FakeClock clock;
  base::metrics::Registry registry;
  tsdb::Shards store({.wanted = {.all = false}}, 4, {}, registry);
  Questions questions(store, clock);
  const auto send = [&](double value) {
    store.append({.metric = "depth"}, {.time = clock.now(), .value = tsdb::Value::of(value)},
                 clock.now());
  };
  questions.ask(question("depth"));
  send(1);
  EXPECT_EQ(questions.ask(question("depth")).last, 1);
  const auto pass = [&](int minutes) {
    for (; minutes > 0; --minutes) {
      clock.advance(std::chrono::minutes(1));
      store.tick(clock.now());
    }
  };
  pass(5);
  EXPECT_EQ(questions.ask(question("depth")).last, 1) << "it was kept all the time";
  pass(9);
  questions.ask(question("other"));
  EXPECT_EQ(questions.ask(question("depth")).last, 1);
  pass(11);
  questions.ask(question("other"));  // the standing query of who asked for it last ends
  pass(11);
  const Finding finding = questions.ask(question("depth"));
  EXPECT_EQ(finding.last, std::nullopt);
  EXPECT_EQ(finding.answer.state, State::absent);
  send(2);
  EXPECT_EQ(questions.ask(question("depth")).last, 2);
}

TEST(Questions, LetAWatchEndWhileItIsTold) {
  testing::RestFixture feed;
  Questions questions(feed.store, feed.clock);
  Watches watches(questions, {});
  std::vector<std::unique_ptr<Ear>> ears(5);
  for (auto& ear : ears) {
    ear = std::make_unique<Ear>();
    ear->owner = &ear;
    ASSERT_TRUE(watches.watch(question("depth"), *ear));
  }
  ears[1]->end_at_next = ears[4]->end_at_next = true;
  for (const double value : {1.0, 2.0}) {
    feed.send("depth", value, 3 - value);
    feed.store.publish(feed.clock.now());
  }
  EXPECT_EQ(questions.watches(), 3u);
  for (const int i : {0, 2, 3}) EXPECT_EQ(ears[static_cast<std::size_t>(i)]->heard.size(), 3u);
}

TEST(Questions, RememberTheLastValueThroughSilence) {
  testing::RestFixture feed;
  Questions questions(feed.store, feed.clock);
  const auto depth = question("depth", std::chrono::seconds(10));
  EXPECT_EQ(questions.ask(depth).answer.state, State::absent);
  feed.send("depth", 3);
  EXPECT_EQ(questions.ask(depth).last, 3);
  const auto pass = [&feed](Duration d) {
    feed.clock.advance(d);
    feed.store.tick(feed.clock.now());
  };
  pass(std::chrono::seconds(30));
  EXPECT_EQ(questions.ask(depth).answer.state, State::stale);
  pass(std::chrono::hours(1));  // the series has gone
  const Finding silent = questions.ask(depth);
  EXPECT_EQ(silent.answer.state, State::stale);
  EXPECT_EQ(silent.last, 3);
  EXPECT_EQ(questions.ask(question("other")).answer.state, State::absent);
  feed.store.reset();
  EXPECT_EQ(questions.ask(depth).answer.state, State::absent);
  EXPECT_EQ(questions.ask(depth).last, std::nullopt);
}

TEST(Questions, AskedAgainAreKeptAnsweredForAWhile) {
  testing::RestFixture feed;
  Questions questions(feed.store, feed.clock, {.kept_max = 2, .kept_for = std::chrono::minutes(1)});
  Watches watches(questions, {});
  for (const char* name : {"a", "b", "a", "c"}) questions.ask(question(name));
  EXPECT_EQ(questions.kept(), 2u);  // b is no more
  EXPECT_EQ(standing_queries(feed), 2);
  feed.send("a", 5);
  EXPECT_EQ(questions.ask(question("a")).answer.value, 5);  // though nothing was published
  feed.send("a", 6, 0.5);
  EXPECT_EQ(questions.ask(question("a")).answer.value, 6);
  feed.clock.advance(std::chrono::seconds(50));
  EXPECT_EQ(questions.ask(question("c")).answer.state, State::absent);
  feed.clock.advance(std::chrono::seconds(20));
  questions.ask(question("c"));
  EXPECT_EQ(questions.kept(), 1u);  // a was not asked for a minute
  EXPECT_EQ(standing_queries(feed), 1);
  Ear ear;
  ASSERT_TRUE(watches.watch(question("c"), ear));
  EXPECT_EQ(questions.kept(), 0u);
  EXPECT_EQ(standing_queries(feed), 1);
}

TEST(Questions, OfTooManySeriesAreAnsweredFromThemEachTime) {
  testing::RestFixture feed;
  Questions questions(feed.store, feed.clock, {.links_max = 3});
  for (const char* queue : {"mail", "video", "audio", "text"}) feed.send("depth", 1, 1, queue);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(questions.ask(question("depth")).answer.value, 4);
    EXPECT_EQ(standing_queries(feed), i == 0 ? 0 : 1);
    EXPECT_EQ(questions.ask(question("depth{queue=mail}")).answer.value, 1);
    EXPECT_EQ(questions.kept(), 1u);
  }
}

TEST(Questions, KeepWithinTheirLimits) {
  testing::RestFixture feed;
  Questions questions(feed.store, feed.clock, {.remembered_max = 2, .watches_max = 1});
  Watches watches(questions, {});
  Ear watch;
  ASSERT_TRUE(watches.watch(question("watched"), watch));
  Ear refused;
  EXPECT_EQ(watches.watch(question("watched"), refused).error().code, Code::exhausted);
  feed.send("a", 1);
  for (const char* name : {"a", "b", "a", "c"}) questions.ask(question(name));
  EXPECT_EQ(questions.remembered(), 3u);  // b went: it is the one not asked for the longest
  feed.store.tick(feed.clock.now());
  feed.clock.advance(std::chrono::hours(1));
  feed.store.tick(feed.clock.now());
  EXPECT_EQ(questions.ask(question("a")).last, 1);
}

// A thread's loop and what it watches.
struct OneThread {
  explicit OneThread(Questions& questions) : watches(questions, loop.executor()) {}
  base::Loop loop;
  Watches watches;
};

TEST(Watches, HearOnTheirOwnLoopWhicheverThreadChangedTheAnswer) {
  testing::RestFixture feed;
  Questions questions(feed.store, feed.clock);
  OneThread one(questions);
  OneThread other(questions);
  Ear here;
  Ear there;
  Ear also_there;
  ASSERT_TRUE(one.watches.watch(question("depth"), here));
  ASSERT_TRUE(other.watches.watch(question("depth"), there));
  ASSERT_TRUE(other.watches.watch(question("depth"), also_there));
  EXPECT_EQ(standing_queries(feed), 1);
  one.loop.post([&feed] {
    for (const double value : {4.0, 5.0}) {
      feed.send("depth", value, 6 - value);
      feed.store.publish(feed.clock.now());
    }
  });
  one.loop.poll();
  ASSERT_EQ(here.heard.size(), 3u);  // at once, within the change
  EXPECT_EQ(here.heard.back().answer.value, 5);
  EXPECT_EQ(there.heard.size(), 1u);
  other.loop.poll();
  for (const Ear* ear : {&there, &also_there}) {
    ASSERT_EQ(ear->heard.size(), 2u);  // the two changes are one by now
    EXPECT_EQ(ear->heard.back().answer.value, 5);
  }
}

TEST(Watches, SayNothingAfterTheirEnd) {
  testing::RestFixture feed;
  Questions questions(feed.store, feed.clock);
  OneThread other(questions);
  auto ear = std::make_unique<Ear>();
  ASSERT_TRUE(other.watches.watch(question("depth"), *ear));
  feed.send("depth", 4);
  feed.store.publish(feed.clock.now());  // on its way
  ear.reset();
  other.loop.poll();
  EXPECT_EQ(questions.watches(), 0u);
  EXPECT_EQ(standing_queries(feed), 0);
}

// Whichever thread is asked, the memory is one.
TEST(Questions, FourThreadsAskAndWatchAtOnce) {
  constexpr int rounds = 200;
  testing::RestFixture feed;
  Questions questions(feed.store, feed.clock, {.kept_max = 2});
  feed.send("depth", 5);
  std::atomic<int> wrong{0};
  const auto work = [&](int thread) {
    OneThread own(questions);
    for (int round = 0; round < rounds; ++round) {
      Ear ear;
      const auto watched = own.watches.watch(question("depth"), ear);
      const Finding finding = questions.ask(question("depth"));
      const bool right = watched && finding.answer.value == 5 && finding.last == 5;
      if (!right || ear.heard.front().answer.value != 5) ++wrong;
      questions.ask(question("m" + std::to_string((thread + round) % 5)));
      own.loop.poll();
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(work, i);
  threads.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(questions.watches(), 0u);
  EXPECT_EQ(questions.remembered(), 6u);
  EXPECT_LE(questions.kept(), 2u);
}

}  // namespace
}  // namespace server
