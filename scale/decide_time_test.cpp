// What time does to decisions: stabilisation windows, policies, and when to look again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scale/testing/scenes.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;

struct Step {
  int at;  // seconds
  double value;
  Replicas want;
  std::optional<int> again;  // seconds
};

void run(Scene scene, const std::vector<Step>& steps) {
  for (const auto& step : steps) {
    SCOPED_TRACE(step.at);
    const Decision decision = scene.decide({value(step.value)}, at(std::chrono::seconds(step.at)));
    EXPECT_EQ(decision.to, step.want);
    ASSERT_EQ(decision.again_at.has_value(), step.again.has_value());
    if (step.again) EXPECT_EQ(*decision.again_at, at(std::chrono::seconds(*step.again)));
  }
}

Scene stabilized(Duration up, Duration down) {
  Scene scene;
  scene.spec.up.stabilization = up;
  scene.spec.down.stabilization = down;
  return scene;
}

TEST(Stabilization, DownWaitsForTheWholeWindow) {
  run(stabilized(0s, 300s), {{0, 80, 8, {}},
                             {100, 20, 8, 400},  // 8 was in force until now
                             {399, 20, 8, 400},
                             {400, 20, 2, {}}});
}

TEST(Stabilization, DownFollowsTheHighestOfTheWindow) {
  run(stabilized(0s, 300s),
      {{0, 80, 8, {}}, {10, 50, 8, 310}, {20, 20, 8, 310}, {310, 20, 5, 320}, {320, 20, 2, {}}});
}

TEST(Stabilization, APeakInBetweenStartsTheWindowAgain) {
  run(stabilized(0s, 300s), {{0, 80, 8, {}},
                             {10, 20, 8, 310},
                             {200, 70, 8, 310},
                             {201, 20, 8, 310},
                             {310, 20, 7, 501},
                             {501, 20, 2, {}}});
}

TEST(Stabilization, UpWaitsWhereAskedTo) {
  run(stabilized(60s, 0s), {{0, 20, 2, {}},  // activation does not wait
                            {10, 80, 2, 70},
                            {69, 80, 2, 70},
                            {70, 80, 8, {}}});
}

TEST(Stabilization, DefaultsAreDown300AndUpAtOnce) {
  Scene scene;
  scene.spec = Spec{.triggers = {trigger("queue-depth", 10)}};
  run(scene, {{0, 80, 8, {}}, {1, 900, 90, {}}, {2, 80, 90, 302}});
}

TEST(Stabilization, ANewcomerDoesNotGoDownForAWindow) {
  Scene scene = stabilized(0s, 300s);
  scene.workload.replicas = 9;
  run(scene, {{0, 20, 9, 300}, {300, 20, 2, {}}});
}

TEST(Policies, GrowthOverTime) {
  Scene scene;
  scene.spec.up.policies = {{PolicyType::pods, 4, 60s}};
  run(scene, {{0, 200, 5, 60},   // activation to 1, and 4 more
              {10, 200, 5, 60},  // the period is used up
              {60, 200, 9, 120},
              {120, 200, 13, 180}});
}

TEST(Policies, DoublingFromActivation) {
  Scene scene;
  scene.spec.up.policies = {{PolicyType::percent, 100, 15s}};
  run(scene,
      {{0, 200, 2, 15}, {15, 200, 4, 30}, {30, 200, 8, 45}, {45, 200, 16, 60}, {60, 200, 20, {}}});
}

TEST(Policies, ShrinkingOverTime) {
  Scene scene;
  scene.workload.replicas = 10;
  scene.spec.down.policies = {{PolicyType::percent, 50, 60s}};
  run(scene, {{0, 10, 5, 60}, {30, 10, 5, 60}, {60, 10, 2, 120}, {120, 10, 1, {}}});
}

TEST(Policies, DisabledDirections) {
  Scene scene;
  scene.workload.replicas = 5;
  scene.spec.up.select = SelectPolicy::disabled;
  run(scene, {{0, 90, 5, {}}, {1, 20, 2, {}}});
  scene.spec.up.select = SelectPolicy::max;
  scene.spec.down.select = SelectPolicy::disabled;
  run(scene, {{0, 20, 5, {}}, {1, 90, 9, {}}});
}

TEST(Policies, MinAndMaxOutrankThem) {
  Scene scene;
  scene.workload.replicas = 20;
  scene.spec.max = 10;
  scene.spec.down.policies = {{PolicyType::pods, 1, 60s}};
  EXPECT_EQ(scene.decide({value(900)}, at(0s)).to, 10);
  scene.spec.min = 15;
  scene.spec.max = 30;
  scene.spec.up.select = SelectPolicy::disabled;
  EXPECT_EQ(scene.decide({value(900)}, at(1s)).to, 15);
}

TEST(Policies, ActivationAndDeactivationAreNoEvents) {
  Scene scene;
  scene.spec.up.policies = {{PolicyType::pods, 4, 600s}};
  scene.spec.cooldown = 0s;
  EXPECT_EQ(scene.decide({value(10)}, at(0s)).to, 1);
  EXPECT_TRUE(scene.history.events.empty());
  EXPECT_EQ(scene.decide({value(0)}, at(1s)).to, 0);
  EXPECT_TRUE(scene.history.events.empty());
  EXPECT_EQ(scene.decide({value(200)}, at(2s)).to, 5);
  EXPECT_EQ(scene.history.events.size(), 1u);
  EXPECT_EQ(scene.history.events[0].change, 4);
}

TEST(Policies, PausesAreNoEvents) {
  Scene scene;
  scene.spec.up.policies = {{PolicyType::pods, 4, 600s}};
  scene.spec.paused = true;
  scene.decide({value(200)}, at(0s));
  EXPECT_TRUE(scene.history.events.empty());
  scene.spec.paused_replicas = 3;
  EXPECT_EQ(scene.decide({value(200)}, at(1s)).to, 3);
  EXPECT_TRUE(scene.history.events.empty());
}

}  // namespace
}  // namespace scale
