#include "scale/decide.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "scale/testing/scenes.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Decide, OneReplicaPerTarget) {
  Scene scene;
  const Decision decision = scene.decide({value(42)}, at(1s));
  EXPECT_EQ(decision.from, 0);
  EXPECT_EQ(decision.to, 5);
  EXPECT_TRUE(decision.active);
  EXPECT_EQ(decision.winner, 0u);
  EXPECT_THAT(decision.clamps, IsEmpty());
  EXPECT_EQ(reason_text(decision, scene.spec),
            "queue-depth is 42 (target 10 per replica): 5 replicas");
  EXPECT_EQ(decision.again_at, std::nullopt);
}

// Threshold 10, activation 50, metric 40: the arithmetic says 4, and the workload stays at 0.
TEST(Decide, ActivationOutranksScaling) {
  Scene scene;
  scene.spec.triggers = {trigger("queue-depth", 10, 50)};
  const Decision decision = scene.decide({value(40)}, at(1s));
  EXPECT_EQ(decision.to, 0);
  EXPECT_FALSE(decision.active);
  EXPECT_THAT(decision.clamps,
              ElementsAre(Clamp{.kind = ClampKind::activation, .before = 4, .after = 0}));
  EXPECT_EQ(detail_text(decision.clamps[0], decision, scene.spec),
            "no trigger is above its activation");
  EXPECT_EQ(reason_text(decision, scene.spec),
            "queue-depth is 40, not above activation 50: 0 replicas");

  EXPECT_EQ(scene.decide({value(50)}, at(2s)).to, 0) << "at the activation is not above it";
  EXPECT_EQ(scene.decide({value(51)}, at(3s)).to, 6);
}

TEST(Decide, BoundsAndBases) {
  struct Case {
    const char* name;
    std::function<void(Spec&)> change;
    Replicas current;
    double value;
    Replicas want;
    std::vector<ClampKind> clamps;
  };
  const Case cases[] = {
      {"up", {}, 1, 42, 5, {}},
      {"down", {}, 9, 42, 5, {}},
      {"stays", {}, 5, 50, 5, {}},
      {"within tolerance stays", {}, 5, 54, 5, {ClampKind::tolerance}},
      {"no tolerance from zero", {}, 0, 54, 6, {}},
      {"max", [](Spec& s) { s.max = 3; }, 1, 42, 3, {ClampKind::max}},
      {"max, from above it", [](Spec& s) { s.max = 3; }, 9, 90, 3, {ClampKind::max}},
      {"max, from zero", [](Spec& s) { s.max = 3; }, 0, 42, 3, {ClampKind::max}},
      {"min", [](Spec& s) { s.min = 2; }, 5, 1, 2, {ClampKind::min}},
      {"min, from below it", [](Spec& s) { s.min = 4; }, 1, 15, 4, {ClampKind::min}},
      {"min, without activity", [](Spec& s) { s.min = 2; }, 5, 0, 2, {ClampKind::min}},
      {"active wants 1 at least", {}, 5, 0.0001, 1, {ClampKind::activation}},
      {"from zero with min, straight to the proposal", [](Spec& s) { s.min = 2; }, 0, 42, 5, {}},
      {"inactive with min is scaled by its metric",
       [](Spec& s) { s.min = 1, s.triggers[0].activation = 50; },
       1,
       40,
       4,
       {}},
      {"forced activation",
       [](Spec& s) { s.force_activation = true; },
       0,
       0,
       1,
       {ClampKind::force_activation}},
      {"forced activation keeps 1",
       [](Spec& s) { s.force_activation = true; },
       5,
       0,
       1,
       {ClampKind::force_activation}},
      {"forced activation with min",
       [](Spec& s) { s.force_activation = true, s.min = 3; },
       0,
       0,
       3,
       {ClampKind::min}},
      {"forced activation outranks activation",
       [](Spec& s) { s.force_activation = true, s.triggers[0].activation = 50; },
       0,
       40,
       4,
       {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Scene scene;
    if (c.change) c.change(scene.spec);
    scene.workload.replicas = c.current;
    const Decision decision = scene.decide({value(c.value)}, at(1s));
    EXPECT_EQ(decision.to, c.want);
    EXPECT_EQ(kinds(decision), c.clamps);
  }
}

TEST(Decide, PausesOutrankEverything) {
  struct Case {
    const char* name;
    std::function<void(Spec&)> change;
    Replicas current;
    Reading reading;
    Replicas want;
    std::vector<ClampKind> clamps;
  };
  using enum ClampKind;
  const Case cases[] = {
      {"paused keeps, wanting more", [](Spec& s) { s.paused = true; }, 2, value(90), 2, {paused}},
      {"paused keeps, wanting less", [](Spec& s) { s.paused = true; }, 9, value(10), 9, {paused}},
      {"paused keeps, above max",
       [](Spec& s) { s.paused = true, s.max = 3; },
       9,
       value(90),
       9,
       {max, paused}},
      {"paused keeps, inactive", [](Spec& s) { s.paused = true; }, 9, value(0), 9, {paused}},
      {"paused replicas",
       [](Spec& s) { s.paused_replicas = 4; },
       2,
       value(90),
       4,
       {paused_replicas}},
      {"paused replicas, zero",
       [](Spec& s) { s.paused_replicas = 0; },
       2,
       value(90),
       0,
       {paused_replicas}},
      {"paused replicas, beyond max",
       [](Spec& s) { s.paused_replicas = 500; },
       2,
       value(90),
       500,
       {paused_replicas}},
      {"paused replicas outrank paused",
       [](Spec& s) { s.paused = true, s.paused_replicas = 4; },
       2,
       value(90),
       4,
       {paused_replicas}},
      {"paused replicas over a hold",
       [](Spec& s) { s.paused_replicas = 1; },
       3,
       absent(),
       1,
       {hold, paused_replicas}},
      {"scale-in paused",
       [](Spec& s) { s.paused_scale_in = true; },
       9,
       value(20),
       9,
       {paused_scale_in}},
      {"scale-in paused lets up", [](Spec& s) { s.paused_scale_in = true; }, 1, value(20), 2, {}},
      {"scale-in paused, no deactivation",
       [](Spec& s) { s.paused_scale_in = true; },
       9,
       value(0),
       9,
       {paused_scale_in}},
      {"scale-in paused, above max",
       [](Spec& s) { s.paused_scale_in = true, s.max = 3; },
       9,
       value(90),
       9,
       {max, paused_scale_in}},
      {"scale-out paused",
       [](Spec& s) { s.paused_scale_out = true; },
       1,
       value(90),
       1,
       {paused_scale_out}},
      {"scale-out paused lets down",
       [](Spec& s) { s.paused_scale_out = true; },
       9,
       value(20),
       2,
       {}},
      {"scale-out paused, no activation",
       [](Spec& s) { s.paused_scale_out = true; },
       0,
       value(90),
       0,
       {paused_scale_out}},
      {"scale-out paused, below min",
       [](Spec& s) { s.paused_scale_out = true, s.min = 4; },
       2,
       value(0),
       2,
       {min, paused_scale_out}},
      {"both ways",
       [](Spec& s) { s.paused_scale_out = s.paused_scale_in = true; },
       3,
       value(90),
       3,
       {paused_scale_out}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Scene scene;
    c.change(scene.spec);
    scene.workload.replicas = c.current;
    const Decision decision = scene.decide({c.reading}, at(1h));
    EXPECT_EQ(decision.to, c.want);
    EXPECT_EQ(kinds(decision), c.clamps);
  }
}

TEST(Decide, TheLargestProposalWins) {
  struct Case {
    const char* name;
    std::vector<Reading> readings;
    Replicas current;
    Replicas want;
    std::optional<std::size_t> winner;
  };
  const Case cases[] = {
      {"first", {value(50), value(2)}, 1, 5, 0},
      {"second", {value(10), value(7)}, 1, 7, 1},
      {"a tie keeps the earlier", {value(50), value(5)}, 1, 5, 0},
      {"down to the larger", {value(30), value(2)}, 9, 3, 0},
      {"one inactive does not matter", {value(0), value(2)}, 9, 2, 1},
      {"one missing forbids down", {value(30), absent()}, 9, 9, 0},
      {"one missing allows up", {value(95), absent()}, 1, 10, 0},
      {"one failed forbids down", {failed(), value(3)}, 9, 9, 1},
      {"one failed allows up", {failed(), value(12)}, 9, 12, 1},
      {"one missing and one inactive: no way to zero", {value(0), absent()}, 9, 9, 0},
      {"all missing", {garbled(), absent()}, 4, 4, {}},
      {"all inactive", {value(0), value(0)}, 9, 0, 0},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Scene scene;
    scene.spec.triggers = {trigger("queue-depth", 10), trigger("errors", 1)};
    scene.workload.replicas = c.current;
    const Decision decision = scene.decide(c.readings, at(1h));
    EXPECT_EQ(decision.to, c.want);
    EXPECT_EQ(decision.winner, c.winner);
    EXPECT_EQ(decision.proposals.size(), 2u);
  }
}

TEST(Decide, WithoutTriggersNothingMoves) {
  Scene scene;
  scene.spec.triggers.clear();
  scene.workload.replicas = 3;
  const Decision decision = scene.decide({}, at(1h));
  EXPECT_EQ(decision.to, 3);
  EXPECT_EQ(reason_text(decision, scene.spec), "no triggers: holding 3 replicas");
}

TEST(Decide, SaysEverythingInOneSentence) {
  struct Case {
    std::function<void(Spec&)> change;
    Replicas current;
    Reading reading;
    const char* want;
  };
  const Case cases[] = {
      {{}, 1, value(10), "queue-depth is 10 (target 10 per replica): 1 replica"},
      {{}, 1, value(2.5), "queue-depth is 2.5 (target 10 per replica): 1 replica"},
      {[](Spec& s) { s.max = 10; }, 1, value(420),
       "queue-depth is 420 (target 10 per replica): 42 replicas; max replicas is 10: 10 replicas"},
      {{},
       5,
       value(52),
       "queue-depth is 52 (target 10 per replica): 6 replicas; 1.04 times what they carry is "
       "within tolerance: 5 replicas"},
      {{}, 3, absent(), "no data yet from queue-depth (absent): holding 3 replicas"},
      {{}, 0, absent(), "no data yet from queue-depth (absent): holding 0 replicas"},
      {{}, 3, stale(at(65s)), "no data for 35s from queue-depth (stale): holding 3 replicas"},
      {{}, 3, failed(), "no data from queue-depth (error: connection refused): holding 3 replicas"},
      {{}, 3, garbled(), "queue-depth is not a number: holding 3 replicas"},
      {[](Spec& s) { s.max = 2; }, 3, absent(), "max replicas is 2: 2 replicas"},
      {[](Spec& s) { s.min = 2; }, 0, absent(),
       "no data yet from queue-depth (absent): holding 0 replicas; min replicas is 2: 2 replicas"},
      {{}, 3, value(0), "never active in 1m40s (initial cooldown 0s): scaled to 0"},
      {[](Spec& s) { s.initial_cooldown = 10min; }, 3, value(0),
       "queue-depth is 0 (target 10 per replica): 0 replicas; never active in 1m40s (initial "
       "cooldown 10m): 1 replica"},
      {[](Spec& s) { s.paused = true; }, 3, value(90), "paused: 3 replicas instead of 9"},
      {[](Spec& s) { s.paused = true; }, 9, value(90), "paused: 9 replicas"},
      {[](Spec& s) { s.paused_replicas = 1; }, 9, value(90), "paused: 1 replica instead of 9"},
      {[](Spec& s) { s.paused_scale_in = true; }, 9, value(0),
       "queue-depth is 0 (target 10 per replica): 0 replicas; scale-in is paused: 9 replicas"},
      {[](Spec& s) { s.force_activation = true; }, 0, value(0),
       "queue-depth is 0 (target 10 per replica): 0 replicas; activation is forced: 1 replica"},
      {[](Spec& s) { s.behavior->down.policies = {pods(2, 60s)}; }, 9, value(10),
       "queue-depth is 10 (target 10 per replica): 1 replica; scale-down policy allows 2 pods per "
       "1m: 7 replicas"},
      {[](Spec& s) { s.behavior->down.window = 300s; }, 9, value(10),
       "queue-depth is 10 (target 10 per replica): 1 replica; scale-down is stabilized over 5m: 9 "
       "replicas"},
  };
  for (const auto& c : cases) {
    Scene scene;
    if (c.change) c.change(scene.spec);
    scene.workload.replicas = c.current;
    EXPECT_EQ(reason_text(scene.decide({c.reading}, at(100s)), scene.spec), c.want);
  }
}

TEST(Decide, SaysWhyItWentToZero) {
  Scene scene;
  scene.decide({value(20)}, at(10s));
  scene.decide({value(0)}, at(10s));
  const Decision cooling = scene.decide({value(0)}, at(15s));
  EXPECT_EQ(reason_text(cooling, scene.spec),
            "queue-depth is 0 (target 10 per replica): 0 replicas; inactive for 5s (cooldown 30s): "
            "1 replica");
  EXPECT_EQ(reason_text(scene.decide({value(0)}, at(40s)), scene.spec),
            "inactive for 30s (cooldown 30s): scaled to 0");
  EXPECT_EQ(reason_text(scene.decide({value(0)}, at(41s)), scene.spec),
            "queue-depth is 0, not above activation 0: 0 replicas");
}

}  // namespace
}  // namespace scale
