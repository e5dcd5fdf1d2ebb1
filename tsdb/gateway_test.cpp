#include "tsdb/gateway.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/testing/fake_clock.h"
#include "tsdb/testing/feed.h"

namespace tsdb {
namespace {

using testing::Feed;
using testing::question;

// The store's loop and the asker's, both turned by hand.
struct TwoLoops {
  Feed feed;
  base::Loop store_loop;
  base::Loop asker;
  base::testing::FakeClock clock{feed.now};
  Gateway gateway{store_loop, feed.store, clock};

  void send(double value, double ago) {
    feed.send({.metric = "m", .value = Value::of(value), .ago = ago});
    feed.store.publish(feed.now);
  }
};

TEST(Gateway, ReportsOnTheAskersLoopFirstTheCurrentAnswer) {
  TwoLoops loops;
  loops.send(5, 3);
  std::vector<double> heard;
  const auto subscription = loops.gateway.subscribe(
      question("m"), loops.asker, [&](const Answer& answer) { heard.push_back(answer.value); });
  loops.store_loop.poll();
  EXPECT_TRUE(heard.empty());
  loops.asker.poll();
  loops.send(6, 2);
  loops.asker.poll();
  EXPECT_EQ(heard, (std::vector<double>{5, 6}));
}

TEST(Gateway, FoldsReportsThatPileUpToTheNewest) {
  TwoLoops loops;
  std::vector<double> heard;
  const auto subscription = loops.gateway.subscribe(
      question("m"), loops.asker, [&](const Answer& answer) { heard.push_back(answer.value); });
  loops.store_loop.poll();
  for (int i = 0; i < 10; ++i) loops.send(i, 10 - i);
  EXPECT_EQ(loops.asker.poll(), 1u);
  EXPECT_EQ(heard, (std::vector<double>{9}));
}

TEST(Gateway, SaysNothingAfterItsSubscriptionIsDropped) {
  TwoLoops loops;
  int heard = 0;
  auto subscription =
      loops.gateway.subscribe(question("m"), loops.asker, [&](const Answer&) { ++heard; });
  loops.store_loop.poll();
  subscription.reset();  // a report is on its way
  loops.asker.poll();
  loops.store_loop.poll();
  loops.send(1, 1);
  loops.asker.poll();
  EXPECT_EQ(heard, 0);
}

TEST(Gateway, AsksEqualQuestionsOnce) {
  TwoLoops loops;
  loops.send(5, 3);
  const auto standing = [&] {
    loops.store_loop.poll();
    loops.asker.poll();
    const std::string metrics = loops.feed.registry.render();
    const std::string_view name = "\ntidewheel_store_standing_queries ";
    return std::stoi(metrics.substr(metrics.find(name) + name.size()));
  };
  const auto listen = [&](const Question& asked, std::vector<double>& heard) {
    return loops.gateway.subscribe(asked, loops.asker,
                                   [&](const Answer& answer) { heard.push_back(answer.value); });
  };
  std::vector<double> first, second, other;
  auto one = listen(question("sum(m)"), first);
  EXPECT_EQ(standing(), 1);
  auto two = listen(question("sum(m)", "last_one", loops.feed.store.options().retention), second);
  EXPECT_EQ(standing(), 1);  // the window that is the default
  EXPECT_EQ(second, (std::vector<double>{5}));
  const auto three = listen(question("sum(m)", "max"), other);
  EXPECT_EQ(standing(), 2);
  loops.send(6, 2);
  EXPECT_EQ(standing(), 2);
  one.reset();
  EXPECT_EQ(standing(), 2);
  loops.send(7, 1);
  EXPECT_EQ(standing(), 2);
  EXPECT_EQ(first, (std::vector<double>{5, 6}));
  EXPECT_EQ(second, (std::vector<double>{5, 6, 7}));
  EXPECT_EQ(other, (std::vector<double>{5, 6, 7}));
  two.reset();
  EXPECT_EQ(standing(), 1);
}

TEST(Gateway, DropsASubscriptionThatWasNeverTaken) {
  TwoLoops loops;
  loops.gateway.subscribe(question("m"), loops.asker, [](const Answer&) { FAIL(); }).reset();
  loops.store_loop.poll();
  loops.asker.poll();
  loops.store_loop.poll();
  loops.feed.store.publish(loops.feed.now);
  EXPECT_NE(loops.feed.registry.render().find("tidewheel_store_standing_queries 0\n"),
            std::string::npos);
}

TEST(Gateway, AReportMayDropItsOwnSubscription) {
  TwoLoops loops;
  int heard = 0;
  std::unique_ptr<Subscription> subscription;
  subscription = loops.gateway.subscribe(question("m"), loops.asker, [&](const Answer&) {
    ++heard;
    subscription.reset();
  });
  loops.store_loop.poll();
  loops.asker.poll();
  loops.store_loop.poll();
  loops.send(1, 1);
  loops.asker.poll();
  EXPECT_EQ(heard, 1);
}

Task<void> ask_both(Gateway* gateway, Answer* answer, std::size_t* series) {
  *answer = co_await gateway->evaluate(question("m"));
  *series = co_await gateway->ask([](Shards& store) { return store.series_count(); });
}

TEST(Gateway, AnswersOnce) {
  TwoLoops loops;
  loops.send(5, 1);
  Answer answer;
  std::size_t series = 0;
  base::TaskGroup group(loops.asker.executor(), Log{});
  group.spawn(ask_both(&loops.gateway, &answer, &series));
  while (group.size() > 0) {
    loops.asker.poll();
    loops.store_loop.poll();
  }
  EXPECT_EQ(answer.value, 5);
  EXPECT_EQ(series, 1u);
}

TEST(Gateway, WorksAcrossThreads) {
  constexpr int points = 2000;
  base::SystemClock clock;
  base::metrics::Registry registry;
  Shards store({}, 1, Log{}, registry);
  base::Loop store_loop;
  base::Loop asker;
  Gateway gateway(store_loop, store, clock);
  std::thread store_thread([&] { store_loop.run(); });

  std::vector<double> heard;
  std::vector<std::unique_ptr<Subscription>> short_lived;
  const auto subscription =
      gateway.subscribe(question("m", "count"), asker, [&](const Answer& answer) {
        heard.push_back(answer.value);
        if (answer.value == points) asker.stop();
      });
  const Timestamp begin = clock.now();
  std::thread sender([&] {
    for (int i = 0; i < points; ++i) {
      store_loop.post([&store, begin, i] {
        const Timestamp time = begin + Duration{i};
        store.append({.metric = "m"}, {.time = time, .value = Value::of_int(i)}, begin);
        store.publish(begin);
      });
    }
  });
  // Subscriptions come and go on the asker's thread while answers arrive.
  std::function<void(int)> churn = [&](int left) {
    short_lived.clear();
    if (left == 0) return;
    short_lived.push_back(gateway.subscribe(question("m"), asker, [](const Answer&) {}));
    asker.post([&churn, left] { churn(left - 1); });
  };
  asker.post([&churn] { churn(200); });
  asker.run();
  sender.join();
  short_lived.clear();
  store_loop.post([&store_loop] { store_loop.stop(); });
  store_thread.join();
  EXPECT_EQ(heard.back(), points);
  EXPECT_TRUE(std::ranges::is_sorted(heard));
}

}  // namespace
}  // namespace tsdb
