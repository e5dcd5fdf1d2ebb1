// Missing data: every state after every history.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scale/testing/scenes.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using ::testing::ElementsAre;

// KEDA's words are silent here: every state holds.
const Reading missing_states[] = {absent(), stale(at(900s)), failed(), garbled(),
                                  value(std::nan(""))};

struct Past {
  const char* name;
  std::optional<History::Held> held;
};

const Past nothing{"never a reading", {}};
const Past five_active{"five, active",
                       History::Held{.replicas = 5, .active = true, .at = at(900s)}};
const Past none_inactive{"zero, inactive",
                         History::Held{.replicas = 0, .active = false, .at = at(900s)}};
const Past four_inactive{"four, inactive",
                         History::Held{.replicas = 4, .active = false, .at = at(900s)}};

Outcome decide_missing(const Reading& reading, const Past& past, Replicas current,
                       Spec spec = prompt_spec()) {
  History history{.last_active = at(900s)};
  if (past.held) history.held = {*past.held};
  return decide(spec, std::vector{reading}, {.replicas = current, .object_created = at(0s)},
                history, at(1000s));
}

// Rows: history, replicas now, wanted when the trigger is stale, wanted in every other missing
// state. The cooldown is over.
TEST(Hold, EveryStateAfterEveryHistory) {
  struct Case {
    Past past;
    Replicas current;
    Replicas want_stale;
    Replicas want_other;
  };
  const Case cases[] = {
      {nothing, 0, 0, 0},
      {nothing, 3, 3, 3},
      {five_active, 0, 5, 5},  // the last proposal holds
      {five_active, 3, 5, 5},
      {five_active, 5, 5, 5},
      {five_active, 8, 8, 8},  // a scale-down needs readings
      {none_inactive, 0, 0, 0},
      {none_inactive, 3, 0,
       3},  // silence after evidence of inactivity is not a reason to stay up; a failure is
      {four_inactive, 0, 0, 0},  // inactive stays inactive
      {four_inactive, 8, 0, 8},
  };
  for (const auto& c : cases) {
    for (const auto& reading : missing_states) {
      SCOPED_TRACE(std::string(c.past.name) + ", " + std::string(to_string(reading.state)) +
                   ", at " + std::to_string(c.current));
      const Outcome outcome = decide_missing(reading, c.past, c.current);
      const bool silent = reading.state == Reading::State::stale;
      EXPECT_EQ(outcome.decision.to, silent ? c.want_stale : c.want_other);
      EXPECT_EQ(outcome.decision.proposals[0].held, c.past.held.has_value());
      EXPECT_EQ(outcome.decision.active, c.past.held && c.past.held->active);
    }
  }
}

TEST(Hold, LeavesTheHistoryOfTheTriggerAsItWas) {
  for (const auto& reading : missing_states) {
    const Outcome outcome = decide_missing(reading, five_active, 5);
    ASSERT_EQ(outcome.next.held.size(), 1u);
    EXPECT_EQ(outcome.next.held[0].replicas, 5);
    EXPECT_TRUE(outcome.next.held[0].active);
    EXPECT_EQ(outcome.next.held[0].at, at(900s));
  }
}

TEST(Hold, BoundsAndPausesApplyOverIt) {
  struct Case {
    const char* name;
    void (*change)(Spec&);
    Replicas current;
    Replicas want;
    std::vector<ClampKind> clamps;
  };
  using enum ClampKind;
  const Case cases[] = {
      {"max below the held proposal", [](Spec& s) { s.max = 4; }, 3, 4, {max}},
      {"max below the current count", [](Spec& s) { s.max = 4; }, 9, 4, {max}},
      {"min above", [](Spec& s) { s.min = 7; }, 3, 7, {min}},
      {"paused", [](Spec& s) { s.paused = true; }, 3, 3, {paused}},
      {"paused replicas", [](Spec& s) { s.paused_replicas = 1; }, 3, 1, {paused_replicas}},
      {"scale-out paused", [](Spec& s) { s.paused_scale_out = true; }, 3, 3, {paused_scale_out}},
  };
  for (const auto& c : cases) {
    for (const auto& reading : missing_states) {
      SCOPED_TRACE(c.name);
      Spec spec = prompt_spec();
      c.change(spec);
      const Decision decision = decide_missing(reading, five_active, c.current, spec).decision;
      EXPECT_EQ(decision.to, c.want);
      EXPECT_EQ(kinds(decision), c.clamps);
    }
  }
}

TEST(Hold, JustStartedStaysWhereItIs) {
  Scene scene;
  scene.workload.replicas = 3;
  const Decision decision = scene.decide({absent()}, at(1h));
  EXPECT_EQ(decision.to, 3);
  EXPECT_FALSE(decision.active);
  EXPECT_EQ(decision.winner, std::nullopt);
  EXPECT_THAT(decision.clamps,
              ElementsAre(Clamp{.kind = ClampKind::hold, .before = 0, .after = 3}));
  EXPECT_EQ(detail_text(decision.clamps[0], decision, scene.spec),
            "no data yet from queue-depth (absent)");
}

TEST(Hold, SilenceWhileActiveNeverEnds) {
  Scene scene;
  EXPECT_EQ(scene.decide({value(42)}, at(0s)).to, 5);
  EXPECT_EQ(scene.decide({stale(at(0s))}, at(1h)).to, 5);
  const Decision later = scene.decide({stale(at(0s))}, at(1000h));
  EXPECT_EQ(later.to, 5);
  EXPECT_TRUE(later.active);
  EXPECT_EQ(reason_text(later, scene.spec),
            "no data for 1000h from queue-depth (stale): holding 5 replicas");
  EXPECT_EQ(later.again_at, std::nullopt);
  EXPECT_EQ(scene.decide({value(0)}, at(1001h)).to, 1) << "fresh data: the cooldown begins";
  EXPECT_EQ(scene.decide({value(0)}, at(1001h) + 30s).to, 0);
}

TEST(Hold, SilenceAfterInactiveLetsTheCooldownEnd) {
  Scene scene;
  EXPECT_EQ(scene.decide({value(42)}, at(0s)).to, 5);
  EXPECT_EQ(scene.decide({value(0)}, at(5s)).to, 1);
  const Decision cooling = scene.decide({stale(at(5s))}, at(15s));
  EXPECT_EQ(cooling.to, 1);
  EXPECT_EQ(cooling.again_at, at(35s));
  EXPECT_EQ(scene.decide({stale(at(5s))}, at(35s)).to, 0);
  EXPECT_EQ(scene.decide({stale(at(5s))}, at(60s)).to, 0);
}

TEST(Hold, SilenceAfterInactiveDoesNotLowerBetweenOneAndMany) {
  Scene scene;
  scene.spec.min = 2;
  EXPECT_EQ(scene.decide({value(80)}, at(0s)).to, 8);
  scene.history.held[0] = {.replicas = 0, .active = false, .at = at(5s)};
  EXPECT_EQ(scene.decide({stale(at(5s))}, at(1h)).to, 8);
}

TEST(Hold, HistoryFollowsTheNameOfTheTrigger) {
  Scene scene;
  scene.spec.triggers = {trigger("a", 10), trigger("b", 1)};
  EXPECT_EQ(scene.decide({value(10), value(7)}, at(0s)).to, 7);
  scene.spec.triggers = {trigger("new", 10), trigger("b", 1), trigger("a", 10)};
  scene.workload.replicas = 2;
  const Decision decision = scene.decide({absent(), absent(), absent()}, at(1s));
  EXPECT_EQ(decision.to, 7);
  EXPECT_EQ(decision.proposals[0].replicas, std::nullopt);
  EXPECT_EQ(decision.proposals[1].replicas, 7);
  EXPECT_EQ(decision.proposals[2].replicas, 1);
}

}  // namespace
}  // namespace scale
