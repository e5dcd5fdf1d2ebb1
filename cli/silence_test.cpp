// What becomes of replicas when a source falls silent: zero only where its silence proves it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/testing/pipeline.h"

namespace cli {
namespace {

using namespace std::chrono_literals;
using testing::deployment;
using ::testing::HasSubstr;
using testing::scaled_object;
using testing::window;

constexpr tsdb::LabelView resource[] = {{"service.name", "mail"}};

class Silent : public testing::Pipeline {
 protected:
  Silent() {
    create(kube::deployments, deployment("web", 0));
    create(kube::scaled_objects, scaled_object(""));
  }

  void push_delta(double value) {
    const tsdb::SeriesView series{.metric = "depth",
                                  .kind = tsdb::Kind::sum,
                                  .temporality = tsdb::Temporality::delta,
                                  .resource = resource};
    ASSERT_EQ(send(series, value), tsdb::Appended::stored);
  }

  void end_series() {
    send({.metric = "depth"},
         tsdb::Point{.time = clock.now(), .value = {}, .no_recorded_value = true});
  }

  // Another series of the same sender.
  void report() {
    ASSERT_EQ(send({.metric = "uptime", .resource = resource}, 1), tsdb::Appended::stored);
  }
  void pass_reporting(Duration d) {
    for (; d > Duration{}; d -= 10s) {
      advance(10s);
      report();
    }
    advance(1s);
  }

  // Somebody makes the operator look, as its timer does when time does not stand still.
  void look() {
    const std::string ready = std::to_string(++looks_);
    const auto done =
        wait(client.patch(kube::deployments, {"default", "web"},
                          *json::parse(R"({"status":{"readyReplicas":)" + ready + "}}"), "status"));
    ASSERT_TRUE(done) << done.error().what;
    settle();
  }

 private:
  int looks_ = 0;
};

TEST_F(Silent, ADeltaStreamWhoseResourceReportsGoesToZero) {
  push_delta(42);
  EXPECT_EQ(replicas(), 5);
  pass_reporting(window - 10s);
  EXPECT_EQ(replicas(), 5) << "its value stands while it is in the window";
  pass_reporting(10s);
  EXPECT_EQ(reading().state, scale::Reading::State::stale);
  EXPECT_TRUE(reading().ended);
  EXPECT_EQ(replicas(), 1) << "cooling down";
  EXPECT_THAT(reason(), HasSubstr("queue has ended"));
  pass_reporting(30s);
  look();
  EXPECT_EQ(replicas(), 0);
  push_delta(25);
  EXPECT_EQ(replicas(), 3);
}

TEST_F(Silent, ADeltaStreamOfASilentResourceHolds) {
  push_delta(42);
  pass_reporting(window - 10s);
  for (int i = 0; i < 60; ++i) advance(10s);
  EXPECT_EQ(reading().state, scale::Reading::State::stale);
  EXPECT_FALSE(reading().ended);
  EXPECT_EQ(replicas(), 5);
  EXPECT_TRUE(board->object({"default", "so"})->triggers[0].held);
}

TEST_F(Silent, ASeriesThatItsSenderEndedGoesToZero) {
  push(42);
  EXPECT_EQ(replicas(), 5);
  advance(1s);
  end_series();
  EXPECT_TRUE(reading().ended);
  EXPECT_EQ(replicas(), 1) << "cooling down";
  advance(31s);
  look();
  EXPECT_EQ(replicas(), 0);
}

TEST_F(Silent, AnEndRightAfterTheStartProvesNothing) {
  push(42);
  end();
  store.reset();
  begin();
  advance(10s);
  push(42);
  advance(1s);
  end_series();
  EXPECT_EQ(replicas(), 5) << "others may not have reported yet";
  advance(window);
  look();
  EXPECT_EQ(replicas(), 1);
}

}  // namespace
}  // namespace cli
