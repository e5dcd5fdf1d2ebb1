#include "control/source_faults.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "scale/testing/scenes.h"

namespace control {
namespace {

using namespace scale::testing;
using namespace std::chrono_literals;

struct Step {
  const char* name;
  std::vector<scale::Reading> readings;
  std::vector<SourceFault> want;
};

// Decides step by step, as the operator does.
void expect_steps(scale::testing::Scene scene, const std::vector<Step>& steps) {
  SourceFaults faults;
  Duration since{};
  for (const Step& step : steps) {
    SCOPED_TRACE(step.name);
    const scale::Decision decision = scene.decide(step.readings, at(since += 15s));
    const auto got = faults.see(scene.spec, decision);
    EXPECT_EQ(got.size(), step.want.size());
    for (std::size_t i = 0; i < std::min(got.size(), step.want.size()); ++i) {
      EXPECT_EQ(got[i].reason, step.want[i].reason);
      EXPECT_EQ(got[i].note, step.want[i].note);
    }
  }
}

Scene with_formula(const char* text) {
  Scene scene;
  scene.spec.triggers = {trigger("a", 1), trigger("b", 1)};
  const std::vector<std::string> names = {"a", "b"};
  scene.spec.modifiers =
      scale::Modifiers{.formula = *scale::formula::compile(text, names), .text = text};
  return scene;
}

TEST(SourceFaults, TellAFormulasFailureOnceForEachTimeItBegins) {
  const SourceFault fault{"KEDAMetricSourceFailed",
                          "composite-metric: formula:1:3: the result is not finite"};
  expect_steps(with_formula("a / b"), {
                                          {"works", {value(6), value(2)}, {}},
                                          {"fails", {value(6), value(0)}, {fault}},
                                          {"goes on failing", {value(7), value(0)}, {}},
                                          {"and on", {value(7), value(0)}, {}},
                                          {"recovers", {value(6), value(2)}, {}},
                                          {"fails again", {value(6), value(0)}, {fault}},
                                      });
}

TEST(SourceFaults, TellWhichTriggerOfAFormulaFails) {
  const SourceFault a{"KEDAMetricSourceFailed", "a: connection refused"};
  const SourceFault b{"KEDAMetricSourceFailed", "b: connection refused"};
  expect_steps(with_formula("a + b"), {
                                          {"one", {failed(), value(2)}, {a}},
                                          {"both", {failed(), failed()}, {b}},
                                          {"the first recovers", {value(1), failed()}, {}},
                                          {"and fails", {failed(), failed()}, {a}},
                                      });
}

TEST(SourceFaults, TellOfTriggersWithoutAFormula) {
  Scene scene;
  scene.spec.triggers = {trigger("a", 1), trigger("b", 1)};
  const SourceFault b{"KEDAScalerFailed", "b: connection refused"};
  expect_steps(scene, {
                          {"silence is no failure", {absent(), stale()}, {}},
                          {"nor is a number that is none", {garbled(), value(1)}, {}},
                          {"an error is", {value(1), failed()}, {b}},
                          {"once", {value(1), failed()}, {}},
                          {"after silence again", {value(1), absent()}, {}},
                          {"yes, again", {value(1), failed()}, {b}},
                      });
}

TEST(SourceFaults, TellNothingOfWhatTheManifestProvidesFor) {
  using enum scale::OnMissing::Action;
  Scene scene;
  scene.spec.fallback = scale::Fallback{.failure_threshold = 0, .replicas = 3};
  for (const auto action : {zero, scale::OnMissing::Action::value, fallback, ignore}) {
    scene.spec.triggers = {with(trigger("a", 1), {.action = action})};
    expect_steps(scene, {{"provided for", {failed()}, {}}});
  }
  scene.spec.triggers = {with(trigger("a", 1), {.action = hold})};
  expect_steps(scene, {{"not", {failed()}, {{"KEDAScalerFailed", "a: connection refused"}}}});
}

}  // namespace
}  // namespace control
