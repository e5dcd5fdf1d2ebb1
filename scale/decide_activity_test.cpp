// KEDA's 0<->1 rules, row by row. Where KEDA leaves a step to the HPA, it is done at once here;
// such rows say so.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scale/testing/scenes.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using ::testing::ElementsAre;

const Timestamp created = at(0s);
const Timestamp now = at(2000s);

// The worked examples of KEDA's executor. Cooldown 300 s, initial cooldown 0 unless noted; one
// trigger with target 10 whose active value is 10: one replica's worth, so that the arithmetic does
// not hide what activation does.
struct Row {
  const char* name;
  std::optional<Replicas> idle;
  Replicas min;
  Replicas current;
  Reading reading;
  std::optional<int> active_ago;  // seconds; none: never active
  Replicas want;
  bool touches_last_active;
};

const Reading active = value(10);
const Reading inactive = value(0);

const Row rows[] = {
    {"0 and active: 1", {}, 0, 0, active, {}, 1, true},
    {"0 and active: min", {}, 3, 0, active, {}, 3, true},
    {"idle 0 and active: min", 0, 5, 0, active, {}, 5, true},
    {"idle mode, below min and active: min", 0, 5, 2, active, 10, 5, true},
    {"below min and active: KEDA leaves it to the HPA, we raise at once",
     {},
     5,
     2,
     active,
     10,
     5,
     true},
    {"active: scaled by its metric, last activity is now", {}, 0, 4, active, 10, 1, true},
    {"inactive, cooling down: 1 at least, as the HPA's minimum", {}, 0, 4, inactive, 10, 1, false},
    {"inactive, cooled down: 0", {}, 0, 4, inactive, 301, 0, false},
    {"inactive, exactly cooled down: 0", {}, 0, 4, inactive, 300, 0, false},
    {"inactive, a moment before: 1", {}, 0, 4, inactive, 299, 1, false},
    {"inactive, never active: 0 at once", {}, 0, 4, inactive, {}, 0, false},
    {"failed, no fallback: nothing", {}, 0, 4, failed(), 999, 4, false},
    {"inactive, below min: min at once", {}, 2, 1, inactive, 10, 2, false},
    {"inactive, above min: KEDA leaves it to the HPA", {}, 2, 4, inactive, 999, 2, false},
    {"inactive, above idle, cooled down: idle", 0, 2, 4, inactive, 999, 0, false},
    // Beyond the examples: the rest of the decision table.
    {"inactive, above idle, cooling down: min", 0, 2, 4, inactive, 10, 2, false},
    {"inactive, at idle: stays", 0, 2, 0, inactive, 999, 0, false},
    {"inactive, at idle 1: stays, where KEDA's HPA would push to min", 1, 2, 1, inactive, 999, 1,
     false},
    {"inactive, below idle: nothing", 2, 4, 1, inactive, 999, 1, false},
    {"inactive, above idle 1: idle", 1, 2, 4, inactive, 999, 1, false},
    {"idle 1 and active: min", 1, 2, 1, active, 999, 2, true},
    {"inactive at 0 below min, idle unset: min", {}, 2, 0, inactive, 999, 2, false},
    {"inactive at 0: stays", {}, 0, 0, inactive, 999, 0, false},
    {"failed at 0: stays", {}, 0, 0, failed(), 999, 0, false},
    {"failed at 0 below min: min", {}, 2, 0, failed(), 999, 2, false},
};

Outcome decide_row(const Row& row, Spec spec = {}) {
  spec.idle = row.idle;
  spec.min = row.min;
  spec.cooldown = 300s;
  spec.behavior = prompt_behavior();
  spec.triggers = {trigger("queue-depth", 10)};
  History history;
  if (row.active_ago) history.last_active = now - std::chrono::seconds(*row.active_ago);
  return decide(spec, std::vector{row.reading},
                {.replicas = row.current, .object_created = created}, history, now);
}

TEST(Activity, FollowsKedasExamples) {
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const Outcome outcome = decide_row(row);
    EXPECT_EQ(outcome.decision.to, row.want);
    EXPECT_EQ(outcome.decision.active, row.touches_last_active);
    if (row.touches_last_active) EXPECT_EQ(outcome.next.last_active, now);
    if (!row.touches_last_active) EXPECT_NE(outcome.next.last_active, now);
  }
}

TEST(Activity, ForcedActivationMakesEveryRowActive) {
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Spec spec{.force_activation = true};
    const Outcome outcome = decide_row(row, spec);
    EXPECT_TRUE(outcome.decision.active);
    EXPECT_EQ(outcome.next.last_active, now);
    EXPECT_GE(outcome.decision.to, std::max(row.min, 1));
  }
}

TEST(Activity, PausedKeepsEveryRow) {
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(decide_row(row, {.paused = true}).decision.to, row.current);
  }
}

TEST(Activity, OneWayPausesHoldEveryRow) {
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(decide_row(row, {.paused_scale_in = true}).decision.to,
              std::max(row.want, row.current));
    EXPECT_EQ(decide_row(row, {.paused_scale_out = true}).decision.to,
              std::min(row.want, row.current));
  }
}

TEST(Activity, InitialCooldownCountsFromCreationUntilFirstActive) {
  struct Case {
    const char* name;
    Duration initial;
    std::optional<Duration> active_ago;
    Duration age;
    Replicas want;
    std::optional<Duration> again;
  };
  const Case cases[] = {
      {"within it", 600s, {}, 100s, 1, 500s},
      {"over", 600s, {}, 600s, 0, {}},
      {"none", 0s, {}, 0s, 0, {}},
      {"once active, only the cooldown counts", 600s, 301s, 400s, 0, {}},
      {"once active, within the cooldown", 0s, 10s, 9999s, 1, 290s},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Spec spec = prompt_spec();
    spec.cooldown = 300s;
    spec.initial_cooldown = c.initial;
    History history;
    if (c.active_ago) history.last_active = now - *c.active_ago;
    const auto got = decide(spec, std::vector{inactive},
                            {.replicas = 4, .object_created = now - c.age}, history, now);
    EXPECT_EQ(got.decision.to, c.want);
    ASSERT_EQ(got.decision.again_at.has_value(), c.again.has_value());
    if (c.again) EXPECT_EQ(*got.decision.again_at, now + *c.again);
  }
}

TEST(Activity, WhileCoolingDownTheMetricStillScales) {
  Scene scene;
  scene.spec.triggers[0].activation = 50;
  EXPECT_EQ(scene.decide({value(60)}, at(0s)).to, 6);
  EXPECT_EQ(scene.decide({value(40)}, at(10s)).to, 4) << "inactive, and scaled";
  EXPECT_EQ(scene.decide({value(20)}, at(20s)).to, 2);
  EXPECT_EQ(scene.decide({value(20)}, at(39s)).to, 2);
  const Decision gone = scene.decide({value(20)}, at(40s));
  EXPECT_EQ(gone.to, 0);
  EXPECT_THAT(kinds(gone), ElementsAre(ClampKind::activation));
}

TEST(Activity, DeactivationDoesNotWaitForStabilization) {
  Scene scene;
  scene.spec.behavior->down.window = 300s;
  EXPECT_EQ(scene.decide({value(60)}, at(0s)).to, 6);
  const Decision cooling = scene.decide({value(0)}, at(10s));
  EXPECT_EQ(cooling.to, 6) << "1<->N is stabilized";
  EXPECT_EQ(cooling.again_at, at(40s)) << "the cooldown ends first";
  EXPECT_EQ(scene.decide({value(0)}, at(40s)).to, 0);
  EXPECT_EQ(scene.decide({value(5)}, at(41s)).to, 1) << "history raises nothing";
}

TEST(Activity, TheCooldownBeginsWhenActivityEnds) {
  Scene scene;
  scene.decide({value(60)}, at(0s));
  const Decision cooling =
      scene.decide({value(0)}, at(1h));  // nothing changed in between, so nothing was decided
  EXPECT_EQ(cooling.to, 1);
  EXPECT_EQ(cooling.again_at, at(1h) + 30s);
  EXPECT_EQ(scene.decide({value(0)}, at(1h) + 30s).to, 0);
}

TEST(Activity, TheCooldownBeginsWhenForcedActivationEnds) {
  Scene scene;
  scene.spec.force_activation = true;
  EXPECT_EQ(scene.decide({value(0)}, at(0s)).to, 1);
  scene.spec.force_activation = false;
  EXPECT_EQ(scene.decide({value(0)}, at(1h)).to, 1);
  EXPECT_EQ(scene.decide({value(0)}, at(1h) + 30s).to, 0);
}

}  // namespace
}  // namespace scale
