// How soon a restarted operator may lower again.

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

// Three pods have reported 14 each: 5 replicas.
class Restart : public testing::Pipeline {
 protected:
  Restart() {
    end();
    journal = &disk;
    begin();
    advance(window);
    create(kube::deployments, deployment("web", 0));
    create(kube::scaled_objects, scaled_object(""));
    for (const char* pod : {"a", "b", "c"}) push(pod, 14);
    EXPECT_EQ(replicas(), 5);
  }

  void push(const char* pod, double value) {
    const tsdb::LabelView attributes[] = {{"pod", pod}};
    ASSERT_EQ(send({.metric = "depth", .attributes = attributes}, value), tsdb::Appended::stored);
  }

  // At the end of it a fresh sample makes the operator look.
  void pass(Duration d) {
    clock.advance(d - 500ms);
    push("a", 4);
    advance(500ms);
  }

  void restart(Duration down) {
    end();
    clock.advance(down);
    store.reset();
    begin();
    EXPECT_EQ(replicas(), 5);
  }
};

TEST_F(Restart, LowersAsSoonAsAsManySeriesReportAsBefore) {
  restart(20s);
  push("a", 4);
  push("b", 4);
  EXPECT_EQ(replicas(), 5);
  EXPECT_FALSE(reading().complete);
  EXPECT_THAT(reason(), HasSubstr("just started, queue has not seen its whole window yet"));
  push("d", 4);  // a new pod in the place of c
  EXPECT_TRUE(reading().complete);
  EXPECT_EQ(replicas(), 2);
}

TEST_F(Restart, HoldsForAWindowWithFewer) {
  restart(20s);
  for (Duration d{}; d + 20s < window; d += 20s) {
    push("a", 4);
    push("b", 4);
    advance(20s);
    EXPECT_EQ(replicas(), 5);
  }
  push("a", 4);
  advance(20s);
  EXPECT_EQ(replicas(), 1);
}

TEST_F(Restart, RaisesAtOnce) {
  restart(20s);
  push("a", 70);
  EXPECT_EQ(replicas(), 7);
}

TEST_F(Restart, AnIncompleteRunDoesNotLowerWhatTheNextOneWaitsFor) {
  restart(20s);
  push("a", 4);
  restart(20s);
  push("a", 4);
  EXPECT_EQ(replicas(), 5) << "one series is not all there were";
  push("b", 4);
  push("c", 4);
  EXPECT_EQ(replicas(), 2);
}

TEST_F(Restart, LongAfterwardsItKnowsNothingOfTheSenders) {
  restart(window + 1s);
  for (const char* pod : {"a", "b", "c"}) push(pod, 4);
  EXPECT_EQ(replicas(), 5);
  pass(window - 1s);
  EXPECT_EQ(replicas(), 5);
  pass(1s);
  EXPECT_EQ(replicas(), 2);
}

TEST_F(Restart, AnotherQuestionIsNotAnsweredByTheOldOne) {
  end();
  const auto patched = wait(client.patch(
      kube::scaled_objects, {"default", "so"},
      *json::parse(R"({"spec":{"triggers":[{"type":"kedify-otel","name":"queue","metadata":
                       {"metricQuery":"depth{pod!=z}","targetValue":"10"}}]}})")));
  ASSERT_TRUE(patched) << patched.error().what;
  store.reset();
  begin();
  for (const char* pod : {"a", "b", "c"}) push(pod, 4);
  EXPECT_EQ(replicas(), 5);
  pass(window);
  EXPECT_EQ(replicas(), 2);
}

TEST_F(Restart, FromNothingHoldsForAWindow) {
  end();
  disk.put(storage::Table::state, "history/default/so", std::nullopt);
  store.reset();
  begin();
  for (const char* pod : {"a", "b", "c"}) push(pod, 4);
  EXPECT_EQ(replicas(), 5);
  EXPECT_THAT(reason(), HasSubstr("just started"));
  pass(window);
  EXPECT_EQ(replicas(), 2);
}

}  // namespace
}  // namespace cli
