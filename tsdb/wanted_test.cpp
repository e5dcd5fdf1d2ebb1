#include "tsdb/wanted.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace tsdb {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp now{1'800'000'000'000'000'000};

struct OnlyWanted {
  explicit OnlyWanted(WantedOptions options = {})
      : wanted(only(std::move(options))), view(wanted) {}

  static WantedOptions only(WantedOptions options) {
    options.all = false;
    return options;
  }
  // As the next request sees it.
  bool wants(std::string_view metric) {
    view.refresh();
    return view.wants(metric);
  }

  Wanted wanted;
  WantedView view;
};

TEST(Wanted, AllIsTheDefault) {
  Wanted wanted;
  WantedView view(wanted);
  view.refresh();
  EXPECT_TRUE(view.wants("anything"));
  EXPECT_TRUE(wanted.wants("anything"));
  EXPECT_EQ(wanted.ask("anything", now), Timestamp{});
  EXPECT_EQ(wanted.hold("anything", now), Timestamp{});
  EXPECT_EQ(wanted.size(), 0u) << "nothing has to be remembered";
}

TEST(Wanted, WhatIsAskedForIsWantedForAWhile) {
  OnlyWanted some;
  EXPECT_FALSE(some.wants("queue.depth"));
  EXPECT_EQ(some.wanted.ask("queue_depth", now), now);
  EXPECT_TRUE(some.wants("queue.depth")) << "in either spelling";
  EXPECT_TRUE(some.wants("queue/depth"));
  EXPECT_FALSE(some.wants("queue.depths"));
  some.wanted.forget(now + 10min);
  EXPECT_TRUE(some.wants("queue.depth"));
  EXPECT_EQ(some.wanted.ask("queue.depth", now + 5min), now) << "kept since it was first asked for";
  some.wanted.forget(now + 15min);
  EXPECT_TRUE(some.wants("queue.depth")) << "it was asked for again";
  some.wanted.forget(now + 15min + 1ns);
  EXPECT_FALSE(some.wants("queue.depth"));
  EXPECT_EQ(some.wanted.ask("queue_depth", now + 20min), now + 20min) << "kept anew";
}

TEST(Wanted, WhatIsHeldIsWantedUntilItIsLetGo) {
  OnlyWanted some;
  EXPECT_EQ(some.wanted.hold("m", now), now);
  EXPECT_EQ(some.wanted.hold("m", now + 1h), now);
  some.wanted.release("m");
  some.wanted.forget(now + 24h);
  EXPECT_TRUE(some.wants("m"));
  some.wanted.release("m");
  EXPECT_TRUE(some.wants("m")) << "until nobody has come back for a while";
  some.wanted.release("m");  // too often is nothing
  some.wanted.forget(now + 24h + 10min);
  EXPECT_TRUE(some.wants("m"));
  some.wanted.forget(now + 24h + 10min + 1ns);
  EXPECT_FALSE(some.wants("m"));
  some.wanted.release("m");
  EXPECT_FALSE(some.wants("m"));
}

TEST(Wanted, WhoAsksAgainWhileNobodyHoldsItMissesNothing) {
  OnlyWanted some;
  some.wanted.hold("m", now);
  some.wanted.forget(now + 1h);
  some.wanted.release("m");
  EXPECT_EQ(some.wanted.ask("m", now + 1h + 1min), now);
  EXPECT_EQ(some.wanted.hold("m", now + 1h + 2min), now);
}

TEST(Wanted, AHistogramIsWantedForItsParts) {
  OnlyWanted some;
  for (const char* part : {"a_count", "b_sum", "c_bucket"}) some.wanted.ask(part, now);
  for (const char* histogram : {"a", "b", "c"}) EXPECT_TRUE(some.wants(histogram)) << histogram;
  EXPECT_FALSE(some.wants("d"));
}

TEST(Wanted, SomeAreWantedAlways) {
  OnlyWanted some({.always = {"up", "http.server.duration"}});
  some.wanted.forget(now + 24h);
  EXPECT_TRUE(some.wants("up"));
  EXPECT_TRUE(some.wants("http_server_duration"));
  EXPECT_FALSE(some.wants("down"));
  EXPECT_EQ(some.wanted.ask("up", now), Timestamp{}) << "kept ever since";
  some.wanted.hold("up", now);
  some.wanted.release("up");
  some.wanted.forget(now + 24h);
  EXPECT_TRUE(some.wants("up"));
}

TEST(Wanted, QuestionsAreBounded) {
  OnlyWanted some({.asked_max = 2});
  for (const char* metric : {"a", "b", "c"}) some.wanted.ask(metric, now);
  EXPECT_TRUE(some.wants("b"));
  EXPECT_FALSE(some.wants("c"));
  EXPECT_EQ(some.wanted.ask("c", now + 1s), now + 1s) << "nothing of it has been kept";
  some.wanted.hold("c", now);
  EXPECT_TRUE(some.wants("c")) << "who holds is bounded elsewhere";
  some.wanted.release("c");
  EXPECT_FALSE(some.wants("c"));
  some.wanted.forget(now + 11min);
  some.wanted.ask("c", now + 11min);
  EXPECT_TRUE(some.wants("c"));
  EXPECT_EQ(some.wanted.size(), 1u);
}

TEST(Wanted, AViewSeesWhatIsNewWhenItRefreshes) {
  OnlyWanted some;
  EXPECT_FALSE(some.wants("m"));
  const auto before = some.wanted.version();
  some.wanted.ask("m", now);
  EXPECT_FALSE(some.view.wants("m"));
  EXPECT_TRUE(some.wants("m"));
  const auto after = some.wanted.version();
  EXPECT_GT(after, before);
  some.wanted.ask("m", now + 1s);
  some.wanted.hold("m", now);
  some.wanted.release("m");
  some.wanted.forget(now + 1s);
  EXPECT_EQ(some.wanted.version(), after) << "the same names: no view looks again";
}

TEST(Wanted, MoreNamesThanAViewRemembersAreToldApart) {
  OnlyWanted some;
  constexpr int names = 30'000;
  for (int i = 0; i < names; i += 3) some.wanted.hold("m" + std::to_string(i), now);
  some.view.refresh();
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < names; ++i)
      ASSERT_EQ(some.view.wants("m" + std::to_string(i)), i % 3 == 0) << i;
  }
}

TEST(Wanted, ThreadsSeeEachOthersQuestions) {
  OnlyWanted some;
  std::vector<std::thread> askers;
  for (int asker = 0; asker < 4; ++asker) {
    askers.emplace_back([&some, asker] {
      WantedView view(some.wanted);
      for (int i = 0; i < 200; ++i) {
        const std::string metric = std::to_string(asker) + "_" + std::to_string(i);
        some.wanted.hold(metric, now);
        view.refresh();
        EXPECT_TRUE(view.wants(metric));
        if (i % 2 == 0) some.wanted.release(metric);
      }
    });
  }
  for (auto& asker : askers) asker.join();
  EXPECT_EQ(some.wanted.size(), 800u);
  some.wanted.forget(now + 11min);
  EXPECT_EQ(some.wanted.size(), 400u);
}

}  // namespace
}  // namespace tsdb
