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
}

TEST(Wanted, WhatIsAskedForIsWantedForAWhile) {
  OnlyWanted some;
  EXPECT_FALSE(some.wants("queue.depth"));
  some.wanted.ask("queue_depth", now);
  EXPECT_TRUE(some.wants("queue.depth")) << "in either spelling";
  EXPECT_TRUE(some.wants("queue/depth"));
  EXPECT_FALSE(some.wants("queue.depths"));
  some.wanted.forget(now + 10min);
  EXPECT_TRUE(some.wants("queue.depth"));
  some.wanted.ask("queue_depth", now + 5min);
  some.wanted.forget(now + 15min);
  EXPECT_TRUE(some.wants("queue.depth")) << "it was asked for again";
  some.wanted.forget(now + 15min + 1ns);
  EXPECT_FALSE(some.wants("queue.depth"));
}

TEST(Wanted, WhatIsHeldIsWantedUntilItIsLetGo) {
  OnlyWanted some;
  some.wanted.hold("m");
  some.wanted.hold("m");
  some.wanted.release("m");
  some.wanted.forget(now + 24h);
  EXPECT_TRUE(some.wants("m"));
  some.wanted.release("m");
  EXPECT_FALSE(some.wants("m"));
  some.wanted.release("m");  // too often is nothing
  EXPECT_FALSE(some.wants("m"));
}

TEST(Wanted, AHistogramIsWantedForItsParts) {
  OnlyWanted some;
  for (const char* part : {"a_count", "b_sum", "c_bucket"}) some.wanted.ask(part, now);
  for (const char* histogram : {"a", "b", "c"}) EXPECT_TRUE(some.wants(histogram)) << histogram;
  EXPECT_FALSE(some.wants("d"));
}

TEST(Wanted, SomeAreWantedAlways) {
  OnlyWanted some({.always = {"up", "http.server.duration"}});
  EXPECT_TRUE(some.wants("up"));
  EXPECT_TRUE(some.wants("http_server_duration"));
  EXPECT_FALSE(some.wants("down"));
}

TEST(Wanted, QuestionsAreBounded) {
  OnlyWanted some({.asked_max = 2});
  for (const char* metric : {"a", "b", "c"}) some.wanted.ask(metric, now);
  EXPECT_TRUE(some.wants("b"));
  EXPECT_FALSE(some.wants("c"));
}

TEST(Wanted, ThreadsSeeEachOthersQuestions) {
  OnlyWanted some;
  std::vector<std::thread> askers;
  for (int asker = 0; asker < 4; ++asker) {
    askers.emplace_back([&some, asker] {
      WantedView view(some.wanted);
      for (int i = 0; i < 200; ++i) {
        const std::string metric = std::to_string(asker) + "_" + std::to_string(i);
        some.wanted.hold(metric);
        view.refresh();
        EXPECT_TRUE(view.wants(metric));
        if (i % 2 == 0) some.wanted.release(metric);
      }
    });
  }
  for (auto& asker : askers) asker.join();
  EXPECT_EQ(some.wanted.names()->size(), 400u);
}

}  // namespace
}  // namespace tsdb
