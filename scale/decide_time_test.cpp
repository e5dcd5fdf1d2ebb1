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
  scene.spec.behavior->up.window = up;
  scene.spec.behavior->down.window = down;
  return scene;
}

// What was recommended goes on being so, on the ticks that an HPA would have.
TEST(Stabilization, DownWaitsForTheWholeWindow) {
  run(stabilized(0s, 300s), {{0, 80, 8, {}},
                             {105, 20, 8, 390},  // 8 was in force until now: on the tick at 90
                             {389, 20, 8, 390},
                             {390, 20, 2, {}}});
}

TEST(Stabilization, DownFollowsTheHighestOfTheWindow) {
  run(stabilized(0s, 300s),
      {{0, 80, 8, {}}, {15, 50, 8, 300}, {30, 20, 8, 300}, {300, 20, 5, 315}, {315, 20, 2, {}}});
}

TEST(Stabilization, APeakInBetweenStartsTheWindowAgain) {
  run(stabilized(0s, 300s), {{0, 80, 8, {}},
                             {15, 20, 8, 300},
                             {210, 70, 8, 300},
                             {225, 20, 8, 300},
                             {300, 20, 7, 510},
                             {510, 20, 2, {}}});
}

TEST(Stabilization, UpWaitsWhereAskedTo) {
  run(stabilized(60s, 0s), {{0, 20, 2, {}},  // activation does not wait
                            {15, 80, 2, 60},
                            {59, 80, 2, 60},
                            {60, 80, 8, {}}});
}

// Without a behaviour block one window counts, its end included, and growth is limited per period.
TEST(Stabilization, WithoutABehaviourBlock) {
  Scene scene;
  scene.spec.behavior.reset();
  run(scene, {{0, 20, 2, {}}, {1, 900, 4, 15}, {15, 900, 8, 30}, {30, 900, 16, 45}});
  Scene falling;
  falling.spec.behavior.reset();
  falling.workload.replicas = 9;
  EXPECT_EQ(falling.decide({value(20)}, at(0s)).to, 9);
  EXPECT_EQ(falling.decide({value(20)}, at(300s)).to, 9);
  EXPECT_EQ(falling.decide({value(20)}, at(300s) + 1ns).to, 2);
}

TEST(Stabilization, WithABehaviourBlockDefaultsAreDown300AndUpAtOnce) {
  Scene scene;
  scene.spec.behavior->up.window.reset();
  scene.spec.behavior->down.window.reset();
  run(scene, {{0, 80, 8, {}}, {1, 900, 90, {}}, {2, 80, 90, 301}});
}

TEST(Stabilization, ANewcomerDoesNotGoDownForAWindow) {
  Scene scene = stabilized(0s, 300s);
  scene.workload.replicas = 9;
  run(scene, {{0, 20, 9, 300}, {300, 20, 2, {}}});
}

TEST(Policies, GrowthOverTime) {
  Scene scene;
  scene.spec.behavior->up.policies = {pods(4, 60s)};
  run(scene, {{0, 200, 5, 15},  // activation to 1, and 4 more; a new base after a sync period
              {10, 200, 5, 15},
              {15, 200, 5, 60},  // the policy's period is used up
              {60, 200, 9, 75},
              {75, 200, 9, 120},
              {120, 200, 13, 135}});
}

TEST(Policies, DoublingFromActivation) {
  Scene scene;
  scene.spec.behavior->up.policies = {percent(100, 15s)};
  run(scene,
      {{0, 200, 2, 15}, {15, 200, 4, 30}, {30, 200, 8, 45}, {45, 200, 16, 60}, {60, 200, 20, {}}});
}

TEST(Policies, ShrinkingOverTime) {
  Scene scene;
  scene.workload.replicas = 10;
  scene.spec.behavior->down.policies = {percent(50, 60s)};
  run(scene,
      {{0, 10, 5, 15}, {30, 10, 5, 60}, {60, 10, 2, 75}, {90, 10, 2, 120}, {120, 10, 1, {}}});
}

TEST(Policies, DisabledDirections) {
  Scene scene;
  scene.workload.replicas = 5;
  scene.spec.behavior->up.select = hpa::SelectPolicy::disabled;
  run(scene, {{0, 90, 5, {}}, {1, 20, 2, {}}});
  scene.spec.behavior = prompt_behavior();
  scene.spec.behavior->down.select = hpa::SelectPolicy::disabled;
  run(scene, {{0, 20, 5, {}}, {1, 90, 9, {}}});
}

TEST(Policies, MinAndMaxOutrankThem) {
  Scene scene;
  scene.workload.replicas = 20;
  scene.spec.max = 10;
  scene.spec.behavior->down.policies = {pods(1, 60s)};
  EXPECT_EQ(scene.decide({value(900)}, at(0s)).to, 10);
  scene.spec.min = 15;
  scene.spec.max = 30;
  scene.spec.behavior->up.select = hpa::SelectPolicy::disabled;
  EXPECT_EQ(scene.decide({value(900)}, at(1s)).to, 15);
}

TEST(Policies, ActivationAndDeactivationAreNoEvents) {
  Scene scene;
  scene.spec.behavior->up.policies = {pods(4, 600s)};
  scene.spec.cooldown = 0s;
  EXPECT_EQ(scene.decide({value(10)}, at(0s)).to, 1);
  EXPECT_EQ(scene.decide({value(0)}, at(1s)).to, 0);
  EXPECT_EQ(scene.history.events, hpa::ScaleEvents{});
  EXPECT_EQ(scene.decide({value(200)}, at(2s)).to, 5);
  EXPECT_EQ(scene.decide({value(200)}, at(17s)).to, 5);
  ASSERT_EQ(scene.history.events.up.size(), 1u);
  EXPECT_EQ(scene.history.events.up[0], (hpa::ScaleEvent{.at = at(2s), .change = 4}));
}

TEST(Policies, PausesAreNoEvents) {
  Scene scene;
  scene.spec.behavior->up.policies = {pods(4, 600s)};
  scene.spec.paused = true;
  scene.decide({value(200)}, at(0s));
  scene.spec.paused_replicas = 3;
  EXPECT_EQ(scene.decide({value(200)}, at(1s)).to, 3);
  EXPECT_EQ(scene.history.events, hpa::ScaleEvents{});
  EXPECT_FALSE(scene.history.window);
}

// Engine advisory: what it would have changed did not happen, so it is no growth either.
TEST(ForgetChange, LeavesLimitsAsTheyWere) {
  Scene scene;
  scene.spec.behavior->up.policies = {pods(4, 60s)};
  scene.workload.replicas = 1;
  for (int i = 0; i < 4; ++i) {
    const History before = scene.history;
    Outcome outcome =
        decide(scene.spec, std::vector{value(500)}, scene.workload, before, at(i * 20s));
    EXPECT_EQ(outcome.decision.to, 5) << "as often as it is asked";
    forget_change(before, outcome.next);
    EXPECT_EQ(outcome.next.events, hpa::ScaleEvents{});
    EXPECT_EQ(outcome.next.window->change, 0);
    scene.history = outcome.next;
  }
}

}  // namespace
}  // namespace scale
