#include "simulation/simulate.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <functional>
#include <limits>
#include <string>

#include "scale/testing/scenes.h"

namespace simulation {
namespace {

using scale::testing::prompt_spec;
using scale::testing::trigger;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using State = scale::Reading::State;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// One value every `step` from the origin on.
Signal every(Duration step, std::vector<double> values) {
  Signal signal{.offsets = true};
  for (std::size_t i = 0; i < values.size(); ++i)
    signal.samples.push_back(
        sample_of(offset_origin + static_cast<std::int64_t>(i) * step, values[i]));
  return signal;
}

// One trigger with target 10, which nothing damps.
Scenario scenario_of(Signal signal) {
  return {.spec = prompt_spec(),
          .inputs = {{.signal = std::move(signal), .stale_after = minutes(1)}},
          .replicas = 0};
}

// "15s 0->3" for each change.
std::string changes_of(const Timeline& timeline) {
  std::string text;
  for (const Change& change : timeline.changes) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}->{}", base::format_duration(change.at - offset_origin), change.from,
                        change.to);
  }
  return text;
}

Timeline simulated(const Scenario& scenario, const Limits& limits = {}) {
  auto timeline = simulate(scenario, limits);
  EXPECT_TRUE(timeline) << timeline.error().what;
  return timeline ? *std::move(timeline) : Timeline{};
}

TEST(Simulate, DecidesAtEverySample) {
  const Timeline timeline = simulated(scenario_of(every(seconds(5), {0, 25, 95, 95, 41, 40})));
  EXPECT_EQ(changes_of(timeline), "5s 0->3, 10s 3->10, 20s 10->5, 25s 5->4");
  EXPECT_EQ(timeline.changes[0].reason, "queue-depth is 25 (target 10 per replica): 3 replicas");
  EXPECT_EQ(timeline.summary.min, 0);
  EXPECT_EQ(timeline.summary.max, 10);
  EXPECT_EQ(timeline.summary.ups, 2u);
  EXPECT_EQ(timeline.summary.downs, 2u);
  EXPECT_EQ(timeline.summary.end - timeline.summary.start, seconds(25));
}

TEST(Simulate, ReachesTheEndOfACooldownBetweenSamples) {
  EXPECT_EQ(changes_of(simulated(scenario_of(every(seconds(50), {10, 0, 0})))),
            "0s 0->1, 1m20s 1->0");
}

TEST(Simulate, PodsCarryLoadOnceTheyAreReady) {
  Scenario scenario = scenario_of(every(seconds(10), {30, 30, 30, 30, 30, 30, 30}));
  scenario.pod_start = seconds(25);
  const Timeline timeline = simulated(scenario);
  ASSERT_EQ(timeline.summary.loads.size(), 1u);
  const Load& load = timeline.summary.loads[0];
  EXPECT_EQ(load.unmet, 30.0 * 25);
  EXPECT_EQ(load.worst, 30);
  EXPECT_EQ(load.unmet_time, seconds(25));
  EXPECT_EQ(timeline.summary.replica_hours, 3 * 60 / 3600.0);
  EXPECT_EQ(timeline.summary.mean, 3);
}

TEST(Simulate, WhatIsMissingIsNotZero) {
  // A gap of two minutes after 10 s, and one value that is no number.
  Signal signal = every(seconds(10), {30, 30});
  signal.samples.push_back(sample_of(offset_origin + seconds(130), nan));
  signal.samples.push_back(sample_of(offset_origin + seconds(140), 10));
  const Timeline timeline = simulated(scenario_of(signal));
  EXPECT_EQ(changes_of(timeline), "0s 0->3, 2m20s 3->1");
  // Stale a minute after 10 s, until 130 s; then not a number until 140 s.
  EXPECT_NEAR(base::seconds(timeline.summary.loads[0].unknown_time), 70, 0.001);
}

TEST(Simulate, ATriggerIsAbsentUntilItsFirstSample) {
  Scenario scenario = scenario_of(every(seconds(10), {5, 5, 5, 5}));
  scenario.spec.triggers.push_back(trigger("late", 1));
  Signal late{.samples = {sample_of(offset_origin + seconds(20), 7)}, .offsets = true};
  scenario.inputs.push_back({.signal = late, .stale_after = minutes(1)});
  EXPECT_EQ(changes_of(simulated(scenario)), "0s 0->1, 20s 1->7");
}

TEST(Simulate, RecordedStatesAreKept) {
  Signal signal = every(seconds(15), {30, 10, 10});
  signal.samples[1].state = State::error;
  signal.samples[2].state = State::stale;
  EXPECT_EQ(changes_of(simulated(scenario_of(signal))), "0s 0->3");
}

TEST(Simulate, AChangeBackWithinTheWindowIsAFlap) {
  Scenario scenario = scenario_of(every(minutes(1), {10, 20, 10, 20, 20, 10}));
  scenario.flap_window = seconds(90);
  const Timeline timeline = simulated(scenario);
  EXPECT_EQ(changes_of(timeline), "0s 0->1, 1m 1->2, 2m 2->1, 3m 1->2, 5m 2->1");
  // Down at 2 min and up at 3 min; what comes at 5 min is two minutes after.
  EXPECT_EQ(timeline.summary.flaps, 2u);
  EXPECT_TRUE(timeline.changes[2].flap);
  EXPECT_FALSE(timeline.changes[4].flap);
}

TEST(Simulate, RepeatsOfADecisionAreFolded) {
  const Timeline timeline = simulated(scenario_of(every(seconds(10), {10, 10, 10, 10})));
  ASSERT_EQ(timeline.decisions.size(), 2u);
  EXPECT_EQ(timeline.decisions[1].decision.to, 1);
  EXPECT_EQ(timeline.decisions[1].count, 3u);
  EXPECT_EQ(timeline.decisions[1].last, offset_origin + seconds(30));
  EXPECT_EQ(timeline.summary.decisions, 4u);  // the pod becomes ready with the last sample
}

TEST(SimulateHpa, ScalesAtTicksAndActivatesAtPolls) {
  Scenario scenario =
      scenario_of(every(seconds(5), {0, 35, 35, 35, 35, 35, 35, 35, 35, 5, 5, 5, 5}));
  scenario.engine = Engine::hpa;
  scenario.polling = seconds(30);
  // Active from 5 s on: started by the poll at 30 s, scaled by the tick of that moment, down at 45
  // s.
  EXPECT_EQ(changes_of(simulated(scenario)), "30s 0->1, 30s 1->4, 45s 4->1");
}

TEST(SimulateHpa, RestIsForThePollAlone) {
  Scenario scenario =
      scenario_of(every(seconds(5), {10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  scenario.engine = Engine::hpa;
  scenario.polling = seconds(20);
  scenario.spec.cooldown = seconds(30);
  // Active at the poll of 0 s only; the cooldown is over at 30 s, the next poll comes at 40 s.
  EXPECT_EQ(changes_of(simulated(scenario)), "0s 0->1, 40s 1->0");
}

TEST(Simulate, RefusesWhatCannotBeSimulated) {
  const Scenario good = scenario_of(every(seconds(5), {1, 2}));
  struct Case {
    const char* name;
    std::function<void(Scenario&)> spoil;
    const char* want;
  };
  const Case cases[] = {
      {"no signals", [](Scenario& s) { s.inputs.clear(); }, "want one signal for each trigger"},
      {"an empty one", [](Scenario& s) { s.inputs[0].signal.samples.clear(); },
       "queue-depth: no samples"},
      {"no time to grow stale", [](Scenario& s) { s.inputs[0].stale_after = {}; },
       "queue-depth: stale-after is not above 0 and at most a year"},
      {"a start without end", [](Scenario& s) { s.pod_start = hours(24 * 400); },
       "pod-start is not between 0 and a year"},
      {"a negative start", [](Scenario& s) { s.pod_start = seconds(-1); },
       "pod-start is not between 0 and a year"},
      {"no flap window", [](Scenario& s) { s.flap_window = {}; },
       "flap-window is not above 0 and at most a year"},
      {"no polling", [](Scenario& s) { s.polling = {}; },
       "the polling interval is not above 0 and at most a year"},
      {"less than nothing", [](Scenario& s) { s.replicas = -1; }, "replicas are below 0"},
      {"two kinds of times",
       [](Scenario& s) {
         s.spec.triggers.push_back(trigger("b", 1));
         s.inputs.push_back(s.inputs[0]);
         s.inputs[1].signal.offsets = false;
       },
       "b: its times are of another kind than those of queue-depth (offsets beside absolute "
       "times)"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Scenario scenario = good;
    c.spoil(scenario);
    const auto timeline = simulate(scenario);
    ASSERT_FALSE(timeline);
    EXPECT_EQ(timeline.error().what, c.want);
  }
}

TEST(Simulate, IsBounded) {
  const Scenario scenario = scenario_of(every(seconds(5), {10, 20, 10, 20, 10, 20}));
  const auto refused = simulate(scenario, {.evaluations_max = 3});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::exhausted);
  const Timeline timeline = simulated(scenario, {.changes_max = 2, .decisions_max = 1});
  EXPECT_EQ(timeline.changes.size(), 2u);
  EXPECT_EQ(timeline.decisions.size(), 1u);
  EXPECT_EQ(timeline.summary.ups + timeline.summary.downs, 6u);
}

TEST(Simulate, ALastPodIsEndedBeforeAReadyOne) {
  // 3 ready at 30 s; 5 asked for at 40 s and given back at 50 s: the three stay ready.
  Scenario scenario = scenario_of(every(seconds(10), {30, 30, 30, 30, 50, 30, 30, 30, 30}));
  scenario.keep_points = true;
  const Timeline timeline = simulated(scenario);
  EXPECT_EQ(timeline.points.back().ready, 3);
  for (const Point& point : timeline.points) {
    if (point.at >= offset_origin + seconds(30)) EXPECT_EQ(point.ready, 3);
  }
}

}  // namespace
}  // namespace simulation
