// scalingModifiers: one number from all triggers.

#include <gtest/gtest.h>

#include "scale/explain.h"
#include "scale/testing/scenes.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using Action = OnMissing::Action;

// Triggers "a" and "b"; target 10.
Scene composed(const std::string& text, double target = 10, double activation = 0) {
  Scene scene;
  scene.spec.triggers = {trigger("a", 1), trigger("b", 1)};
  const std::vector<std::string> names = {"a", "b"};
  scene.spec.modifiers = Modifiers{.formula = *formula::compile(text, names),
                                   .text = text,
                                   .target = target,
                                   .activation = activation};
  return scene;
}

TEST(Composite, IsTheOnlyMetric) {
  Scene scene = composed("(a + b) / 2");
  const Decision decision = scene.decide({value(60), value(40)}, at(0s));
  EXPECT_EQ(decision.to, 5);
  ASSERT_EQ(decision.proposals.size(), 3u);
  EXPECT_EQ(decision.winner, 2u);
  EXPECT_FALSE(decision.proposals[0].replicas);
  EXPECT_EQ(decision.proposals[2].used, 50);
  EXPECT_EQ(reason_text(decision, scene.spec),
            "composite-metric is 50 (target 10 per replica): 5 replicas");
}

TEST(Composite, DecidesByItsOwnActivation) {
  Scene scene = composed("a - b", 10, 5);
  EXPECT_EQ(scene.decide({value(30), value(25)}, at(0s)).to, 0);
  EXPECT_EQ(scene.decide({value(31), value(25)}, at(1s)).to, 1);
}

TEST(Composite, NegativeResultsCountAsZero) {
  Scene scene = composed("a - b");
  const Decision decision = scene.decide({value(1), value(9)}, at(0s));
  EXPECT_EQ(decision.proposals[2].used, 0);
  EXPECT_EQ(decision.to, 0);
}

// KEDA takes a failing formula for "inactive, no error", and goes to zero.
TEST(Composite, ARuntimeErrorHoldsAndIsAnError) {
  Scene scene = composed("a / b");
  scene.spec.cooldown = 0s;
  EXPECT_EQ(scene.decide({value(90), value(2)}, at(0s)).to, 5);
  const Decision failing = scene.decide({value(90), value(0)}, at(100s));
  EXPECT_EQ(failing.to, 5);
  EXPECT_TRUE(failing.active);
  EXPECT_EQ(failing.proposals[2].reading.state, Reading::State::error);
  EXPECT_FALSE(failing.proposals[2].reading.error.empty());
  EXPECT_EQ(failing.proposals[2].basis, Basis::held);
  EXPECT_EQ(scene.decide({value(0), value(2)}, at(200s)).to, 0);
}

TEST(Composite, WhatIsMissingHoldsTheWhole) {
  struct Case {
    const char* name;
    Reading second;
    OnMissing on;
    Replicas want;
    Basis basis;
  };
  const Case cases[] = {
      {"held", failed(), {}, 5, Basis::held},
      {"counts as zero", failed(), {.action = Action::zero}, 3, Basis::value},
      {"counts as a number", failed(), {.action = Action::value, .value = 10}, 4, Basis::value},
      {"evidence of zero", ended(), {}, 3, Basis::value},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Scene scene = composed("a + b");
    scene.spec.triggers[1].on_missing.fill(c.on);
    EXPECT_EQ(scene.decide({value(30), value(20)}, at(0s)).to, 5);
    const Decision decision = scene.decide({value(30), c.second}, at(20s));
    EXPECT_EQ(decision.to, c.want);
    EXPECT_EQ(decision.proposals[2].basis, c.basis);
  }
}

TEST(Composite, SilenceAfterInactivityRests) {
  Scene scene = composed("a + b");
  scene.decide({value(30), value(20)}, at(0s));
  scene.decide({value(0), value(0)}, at(10s));
  EXPECT_EQ(scene.decide({stale(at(10s)), value(0)}, at(60s)).to, 0);
}

TEST(Composite, FallbackReplacesTheFormula) {
  Scene scene = composed("a + b", 2);
  scene.spec.fallback = Fallback{.failure_threshold = 3, .replicas = 10};
  for (auto& t : scene.spec.triggers) t.on_missing.fill({.action = Action::fallback});
  EXPECT_EQ(scene.decide({value(4), value(4)}, at(0s)).to, 4);
  const Decision third = scene.decide({value(4), failed()}, at(10s));
  EXPECT_EQ(third.to, 4);
  EXPECT_EQ(third.again_at, at(100s)) << "the failure after the third";
  const Decision fourth = scene.decide({value(4), failed()}, at(100s));
  EXPECT_EQ(fourth.proposals[2].used, 20) << "KEDA's worked example";
  EXPECT_EQ(fourth.proposals[2].basis, Basis::fallback);
  EXPECT_EQ(fourth.to, 10);
}

TEST(Composite, FallbackOfKindModifiersIsNilInTheFormula) {
  Scene scene = composed("b ?? a");
  scene.spec.fallback =
      Fallback{.failure_threshold = 0, .replicas = 7, .kind = Fallback::Kind::modifiers};
  for (auto& t : scene.spec.triggers) t.on_missing.fill({.action = Action::fallback});
  EXPECT_EQ(scene.decide({value(30), value(20)}, at(0s)).to, 2);
  const Decision one = scene.decide({value(30), failed()}, at(1s));
  EXPECT_EQ(one.to, 3);
  EXPECT_EQ(one.proposals[1].basis, Basis::fallback);
  const Decision both = scene.decide({failed(), failed()}, at(2s));
  EXPECT_EQ(both.to, 7) << "nil: spec.fallback.replicas";
}

TEST(Composite, NilWithoutFallbackIsAnError) {
  Scene scene = composed("b ?? a");
  for (auto& t : scene.spec.triggers) t.on_missing.fill({.action = Action::ignore});
  EXPECT_EQ(scene.decide({value(30), value(20)}, at(0s)).to, 2);
  EXPECT_EQ(scene.decide({value(30), failed()}, at(1s)).to, 3) << "an ignored one is nil";
  const Decision nil = scene.decide({failed(), failed()}, at(2s));
  EXPECT_EQ(nil.to, 3);
  EXPECT_EQ(nil.proposals[2].reading.error.view(),
            "the formula gives nil, and there is no fallback");
}

TEST(Composite, AValueTargetMultipliesTheReadyPods) {
  Scene scene = composed("a");
  scene.spec.modifiers->metric_type = MetricType::value;
  scene.workload.replicas = 3;
  EXPECT_EQ(scene.decide({value(20), value(0)}, at(0s)).to, 6);
}

TEST(Composite, IsIncompleteWhileATriggerIs) {
  Scene scene = composed("a + b");
  scene.workload.replicas = 5;
  EXPECT_EQ(scene.decide({partial(10), value(10)}, at(0s)).to, 5);
  EXPECT_EQ(scene.decide({partial(80), value(10)}, at(1s)).to, 9);
}

TEST(Composite, SurvivesARestart) {
  Scene scene = composed("a + b");
  Decision decision = scene.decide({value(30), value(20)}, at(0s));
  tell(decision, scene.spec);
  const auto record = decision_from_json(to_json(decision, scene.spec));
  ASSERT_TRUE(record) << record.error().what;
  EXPECT_EQ(*record, decision);
  const auto history = history_from_json(to_json(scene.history));
  ASSERT_TRUE(history) << history.error().what;
  EXPECT_EQ(*history, scene.history);
}

}  // namespace
}  // namespace scale
