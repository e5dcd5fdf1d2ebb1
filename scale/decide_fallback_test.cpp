// Failing triggers: KEDA's per-metric table (4.2), its worked examples, and what each switch keeps.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scale/explain.h"
#include "scale/testing/scenes.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using Action = OnMissing::Action;

Scene falling_back(std::int32_t threshold, Replicas replicas) {
  Scene scene;
  scene.spec.polling = 30s;
  scene.spec.fallback = Fallback{.failure_threshold = threshold, .replicas = replicas};
  scene.spec.triggers[0].on_missing.fill({.action = Action::fallback});
  return scene;
}

TEST(Fallback, FollowsKedasTableOfOneMetric) {
  struct Case {
    const char* name;
    Reading reading;
    bool configured;
    Duration failing_for;
    Basis basis;
    Replicas want;
  };
  const Case cases[] = {
      {"ok, none configured", value(40), false, 0s, Basis::value, 4},
      {"ok, configured", value(40), true, 0s, Basis::value, 4},
      {"error, none configured", failed(), false, 1000s, Basis::held, 5},
      {"error, the first failure", failed(), true, 0s, Basis::held, 5},
      {"error, the third failure", failed(), true, 89s, Basis::held, 5},
      {"error, the fourth failure", failed(), true, 90s, Basis::fallback, 6},
      {"stale counts as KEDA would see it: an error", stale(), true, 90s, Basis::fallback, 6},
      {"absent, too", absent(), true, 90s, Basis::fallback, 6},
      {"not a number, too", garbled(), true, 90s, Basis::fallback, 6},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Scene scene = falling_back(3, 6);
    if (!c.configured) {
      scene.spec.fallback.reset();
      scene.spec.triggers[0].on_missing.fill({});
    }
    EXPECT_EQ(scene.decide({value(50)}, at(0s)).to, 5);
    scene.decide({c.reading}, at(1000s));
    const Decision decision = scene.decide({c.reading}, at(1000s) + c.failing_for);
    EXPECT_EQ(decision.proposals[0].basis, c.basis);
    EXPECT_EQ(decision.to, c.want);
  }
}

TEST(Fallback, SaysWhenItBeginsAndEndsWithAValue) {
  Scene scene = falling_back(3, 6);
  scene.decide({value(20)}, at(0s));
  const Decision first = scene.decide({failed()}, at(100s));
  EXPECT_EQ(first.proposals[0].failures, 1);
  EXPECT_EQ(first.again_at, at(190s));
  EXPECT_EQ(scene.decide({failed()}, at(190s)).to, 6);
  EXPECT_EQ(scene.decide({value(20)}, at(200s)).to, 2);
  const Decision again = scene.decide({failed()}, at(210s));
  EXPECT_EQ(again.to, 2) << "the count begins anew";
  EXPECT_EQ(again.proposals[0].failures, 1);
}

TEST(Fallback, IsActiveAndStartsAWorkload) {
  Scene scene = falling_back(0, 3);
  const Decision decision = scene.decide({failed()}, at(1h));
  EXPECT_TRUE(decision.active);
  EXPECT_EQ(decision.to, 3);
}

TEST(Fallback, ToZeroStartsNothingUnlessKedasBehaviourIsKept) {
  Scene scene = falling_back(0, 0);
  EXPECT_EQ(scene.decide({failed()}, at(1h)).to, 0);
  scene.spec.keda.fallback_always_active = true;
  EXPECT_EQ(scene.decide({failed()}, at(1h) + 1s).to, 1);
}

// KEDA's examples: at 4, inactive and failing, the last activity long ago.
TEST(Fallback, GuardsAgainstZeroUnlessItIsZeroItself) {
  struct Case {
    const char* name;
    std::optional<Replicas> replicas;
    Replicas want;
  };
  const Case cases[] = {{"no fallback", {}, 4}, {"to 6", 6, 4}, {"to 0", 0, 0}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Scene scene = falling_back(3, c.replicas.value_or(0));
    if (!c.replicas) {
      scene.spec.fallback.reset();
      scene.spec.triggers[0].on_missing.fill({});
    }
    scene.workload.replicas = 4;
    scene.history.last_active = at(0s);
    EXPECT_EQ(scene.decide({failed()}, at(999s)).to, c.want);
  }
}

// KEDA's own behaviour leaves the time of the last activity where it is while another trigger
// fails.
TEST(LastActive, MovesWhileActiveWhateverElseFails) {
  for (const bool kept : {false, true}) {
    Scene scene;
    scene.spec.keda.errors_stop_last_active = kept;
    scene.spec.triggers = {trigger("queue-depth", 10), trigger("errors", 1)};
    scene.decide({value(50), value(0)}, at(0s));
    scene.decide({value(50), failed()}, at(100s));
    EXPECT_EQ(scene.history.last_active, kept ? at(0s) : at(100s));
  }
}

TEST(Pauses, StopTheRaiseToTheMinimumUnlessKedasBehaviourIsKept) {
  for (const bool kept : {false, true}) {
    Scene scene;
    scene.spec.min = 4;
    scene.spec.paused_scale_out = true;
    scene.spec.keda.pauses_spare_minimum = kept;
    scene.workload.replicas = 2;
    EXPECT_EQ(scene.decide({value(0)}, at(1h)).to, kept ? 4 : 2);
  }
}

TEST(Missing, TheManifestsWordCounts) {
  struct Case {
    const char* name;
    OnMissing on;
    Reading reading;
    Replicas want;
    Basis basis;
  };
  const Case cases[] = {
      {"hold", {}, failed(), 5, Basis::held},
      {"zero", {.action = Action::zero}, failed(), 1, Basis::zero},
      {"a value", {.action = Action::value, .value = 30}, failed(), 3, Basis::stated},
      {"ignore, and nobody else is there", {.action = Action::ignore}, failed(), 5, Basis::ignored},
      {"evidence of zero", {}, ended(), 1, Basis::zero},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Scene scene;
    scene.spec.triggers[0].on_missing.fill(c.on);
    EXPECT_EQ(scene.decide({value(50)}, at(0s)).to, 5);
    const Decision decision = scene.decide({c.reading}, at(10s));
    EXPECT_EQ(decision.to, c.want);
    EXPECT_EQ(decision.proposals[0].basis, c.basis);
  }
}

TEST(Missing, EvidenceOfZeroIsTold) {
  Scene scene;
  scene.workload.replicas = 5;
  scene.decide({value(50)}, at(0s));
  Reading reading = ended();
  reading.newest = at(10s);
  const Decision decision = scene.decide({reading}, at(30s));
  EXPECT_THAT(reason_text(decision, scene.spec),
              HasSubstr("queue-depth has ended (no data for 20s), which counts as 0"));
  EXPECT_THAT(explain_text(decision, scene.spec), HasSubstr("queue-depth: ended, age 20s"));
}

TEST(JustStarted, AnEndProvesNothingUntilTheWindowHasFilled) {
  Scene scene;
  scene.workload.replicas = 5;
  scene.decide({value(50)}, at(0s));
  Reading reading = ended();
  reading.complete = false;
  const Decision decision = scene.decide({reading}, at(10s));
  EXPECT_EQ(decision.to, 5) << "others may be there that have not reported yet";
  EXPECT_EQ(decision.proposals[0].basis, Basis::held);
  EXPECT_EQ(scene.decide({ended()}, at(20s)).to, 1);
}

TEST(JustStarted, OnlyUpUntilTheWindowHasFilled) {
  Scene scene;
  scene.workload.replicas = 5;
  const Decision decision = scene.decide({partial(20)}, at(0s));
  EXPECT_EQ(decision.to, 5);
  EXPECT_EQ(kinds(decision), std::vector{ClampKind::just_started});
  EXPECT_EQ(detail_text(decision.clamps[0], decision, scene.spec),
            "just started, queue-depth has not seen its whole window yet");
  EXPECT_EQ(scene.decide({partial(80)}, at(1s)).to, 8);
  EXPECT_EQ(scene.decide({partial(0)}, at(1h)).to, 8) << "nor to zero";
  EXPECT_EQ(scene.decide({value(20)}, at(1h) + 1s).to, 2);
}

TEST(Series, TheirChangeIsSaid) {
  Scene scene;
  Reading ten = value(100);
  ten.series = 10;
  Reading five = value(50);
  five.series = 5;
  scene.decide({ten}, at(0s));
  const Decision decision = scene.decide({five}, at(10s));
  EXPECT_EQ(decision.to, 5);
  EXPECT_EQ(series_text(decision.proposals[0]), "series 10 -> 5");
  EXPECT_EQ(reason_text(decision, scene.spec),
            "queue-depth is 50 (target 10 per replica, series 10 -> 5): 5 replicas");
  EXPECT_EQ(series_text(scene.decide({five}, at(20s)).proposals[0]), "");
}

// Clocks jump both ways: nothing of a future that is gone stays in the way.
TEST(Clocks, WhatLiesInTheFutureMovesToNow) {
  Scene scene;
  scene.spec.behavior->down.window = 60s;
  scene.spec.behavior->up.policies = {pods(4, 60s)};
  scene.decide({value(80)}, at(10'000h));
  scene.decide({value(80)}, at(10'000h) + 20s);
  scene.workload.replicas = 8;
  scene.decide({value(20)}, at(0s));
  EXPECT_EQ(scene.decide({value(20)}, at(59s)).to, 8);
  EXPECT_EQ(scene.decide({value(20)}, at(75s)).to, 2) << "a window later, and a tick";
  EXPECT_LE(scene.history.last_active, at(75s));
}

}  // namespace
}  // namespace scale
