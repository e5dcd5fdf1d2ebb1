#include "control/status.h"

#include <gtest/gtest.h>

namespace control {
namespace {

using State = scale::Reading::State;

Plan one_trigger() {
  Plan plan;
  plan.spec.triggers.push_back({.name = "queue", .type = "kedify-otel"});
  return plan;
}

scale::Decision with(State state, bool active) {
  scale::Decision decision;
  decision.active = active;
  decision.from = 2;
  decision.proposals.push_back(
      {.trigger = 0,
       .reading = {.state = state},
       .active = active,
       .basis = state == State::value ? scale::Basis::value : scale::Basis::held});
  return decision;
}

std::string condition_of(const json::Value& patch, std::string_view type) {
  for (const auto& c : json::find(patch, "status", "conditions")->get_array()) {
    if (json::text_at(c, "type") == type) {
      return *json::text_at(c, "status") + "/" + json::text_at(c, "reason").value_or("");
    }
  }
  return "none";
}

TEST(StatusPatch, SaysWhatIsWrongInKedasWords) {
  const Plan plan = one_trigger();
  const std::vector<Problem> none;
  const std::vector<Problem> some = {{"spec.triggers[0].type", "no scaler found for type: x"}};
  const scale::Decision fine = with(State::value, true);
  const scale::Decision stale = with(State::stale, false);
  struct Case {
    const char* name;
    StatusInput input;
    const char* ready;
    const char* active;
  };
  const Case cases[] = {
      {"problems", {.problems = &some}, "False/ScaledObjectCheckFailed", "Unknown/UnknownState"},
      {"working",
       {.plan = &plan, .problems = &none, .decision = &fine},
       "True/ScaledObjectReady",
       "True/ScalerActive"},
      {"no data",
       {.plan = &plan, .problems = &none, .decision = &stale},
       "False/TriggerError",
       "False/ScalerNotActive"},
      {"write failed",
       {.plan = &plan, .problems = &none, .decision = &fine, .write_error = "conflict"},
       "False/ErrorScalingTarget",
       "True/ScalerActive"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const json::Value patch = status_patch(c.input);
    EXPECT_EQ(condition_of(patch, "Ready"), c.ready);
    EXPECT_EQ(condition_of(patch, "Active"), c.active);
  }
}

TEST(StatusPatch, CallsOneTriggerOfTwoWithoutDataPartial) {
  Plan plan = one_trigger();
  plan.spec.triggers.push_back({.name = "gpu", .type = "kedify-otel"});
  const std::vector<Problem> none;
  scale::Decision decision = with(State::value, true);
  decision.proposals.push_back(
      {.trigger = 1, .reading = {.state = State::absent}, .basis = scale::Basis::nothing});
  const json::Value patch = status_patch({.plan = &plan, .problems = &none, .decision = &decision});
  EXPECT_EQ(condition_of(patch, "Ready"), "Unknown/PartialTriggerError");
}

std::string message_of(const json::Value& patch, std::string_view type) {
  for (const auto& c : json::find(patch, "status", "conditions")->get_array()) {
    if (json::text_at(c, "type") == type) return json::text_at(c, "message").value_or("");
  }
  return "none";
}

// KEDA's decision table (3.6): what the conditions say of each row.
TEST(StatusPatch, FollowsKedasDecisionTable) {
  const std::vector<Problem> none;
  struct Case {
    const char* name;
    void (*change)(Plan&, scale::Decision&);
    const char* ready;
    const char* active;
    const char* fallback;
  };
  constexpr const char* fine = "True/ScaledObjectReady";
  constexpr const char* no_fallback = "False/NoFallbackFound";
  const Case cases[] = {
      {"A1: starts in spite of an error",
       [](Plan&, scale::Decision& d) {
         d.from = 0;
         d.active = true;
         d.proposals[0].basis = scale::Basis::held;
       },
       fine, "True/ScalerActive", no_fallback},
      {"A2: active, and one fails",
       [](Plan&, scale::Decision& d) {
         d.active = true;
         d.proposals[0].basis = scale::Basis::held;
       },
       "Unknown/PartialTriggerError", "True/ScalerActive", no_fallback},
      {"A3: active", [](Plan&, scale::Decision& d) { d.active = true; }, fine, "True/ScalerActive",
       no_fallback},
      {"B1: inactive, failing, a fallback to come",
       [](Plan& p, scale::Decision& d) {
         p.spec.fallback = scale::Fallback{.failure_threshold = 3, .replicas = 6};
         d.proposals[0].basis = scale::Basis::held;
         d.proposals[0].failures = 2;
       },
       fine, "False/ScalerNotActive", no_fallback},
      {"B2: inactive, failing, no fallback",
       [](Plan&, scale::Decision& d) { d.proposals[0].basis = scale::Basis::nothing; },
       "False/TriggerError", "False/ScalerNotActive", no_fallback},
      {"B3: scaled down", [](Plan&, scale::Decision& d) { d.phase = scale::Phase::leaving; }, fine,
       "False/ScalerNotActive", no_fallback},
      {"B3: not yet", [](Plan&, scale::Decision& d) { d.phase = scale::Phase::cooling; }, fine,
       "False/ScalerCooldown", no_fallback},
      {"in fallback",
       [](Plan& p, scale::Decision& d) {
         p.spec.fallback = scale::Fallback{.failure_threshold = 3, .replicas = 6};
         d.active = true;
         d.proposals[0].basis = scale::Basis::fallback;
       },
       fine, "True/ScalerActive", "True/FallbackExists"},
      {"silence after inactivity is no error",
       [](Plan&, scale::Decision& d) {
         d.phase = scale::Phase::resting;
         d.proposals[0].basis = scale::Basis::silent;
       },
       fine, "False/ScalerNotActive", no_fallback},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Plan plan = one_trigger();
    scale::Decision decision = with(State::value, false);
    c.change(plan, decision);
    const json::Value patch =
        status_patch({.plan = &plan, .problems = &none, .decision = &decision});
    EXPECT_EQ(condition_of(patch, "Ready"), c.ready);
    EXPECT_EQ(condition_of(patch, "Active"), c.active);
    EXPECT_EQ(condition_of(patch, "Fallback"), c.fallback);
  }
}

TEST(StatusPatch, UsesKedasMessages) {
  Plan plan = one_trigger();
  const std::vector<Problem> none;
  scale::Decision decision = with(State::stale, false);
  StatusInput input{.plan = &plan, .problems = &none, .decision = &decision};
  EXPECT_EQ(message_of(status_patch(input), "Ready"),
            "Triggers defined in ScaledObject are not working correctly: queue is stale");
  plan.spec.paused = true;
  EXPECT_EQ(message_of(status_patch(input), "Ready"), "ScaledObject is paused");
  plan.spec.paused = false;
  input.write_error = "conflict";
  decision.from = 0;
  decision.active = true;
  EXPECT_EQ(message_of(status_patch(input), "Ready"), "error activating ScaleTarget: conflict");
  decision.active = false;
  decision.from = 3;
  decision.phase = scale::Phase::leaving;
  EXPECT_EQ(message_of(status_patch(input), "Ready"), "error deactivating ScaleTarget: conflict");
  decision.phase = scale::Phase::scaled;
  decision.from = 0;
  plan.spec.min = 2;
  EXPECT_EQ(message_of(status_patch(input), "Ready"),
            "error setting ScaleTarget replicas count to ScaledObject minReplicaCount: conflict");
}

TEST(Changes, IgnoresSmallStepsOfLastActiveTimeOnly) {
  const auto object =
      json::parse(R"({"status":{"lastActiveTime":"2026-01-01T00:00:00Z","triggersTypes":"x"}})");
  const auto step = json::parse(R"({"status":{"lastActiveTime":"2026-01-01T00:00:20Z"}})");
  const auto leap = json::parse(R"({"status":{"lastActiveTime":"2026-01-01T00:01:00Z"}})");
  const auto other = json::parse(R"({"status":{"triggersTypes":"y"}})");
  const auto same = json::parse(R"({"status":{"triggersTypes":"x"}})");
  constexpr Duration grain = std::chrono::seconds(30);
  EXPECT_FALSE(changes(*object, *step, grain));
  EXPECT_TRUE(changes(*object, *leap, grain));
  EXPECT_TRUE(changes(*object, *other, grain));
  EXPECT_FALSE(changes(*object, *same, grain));
}

}  // namespace
}  // namespace control
