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
  decision.proposals.push_back({.trigger = 0, .reading = {.state = state}, .active = active});
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
  decision.proposals.push_back({.trigger = 1, .reading = {.state = State::absent}});
  const json::Value patch = status_patch({.plan = &plan, .problems = &none, .decision = &decision});
  EXPECT_EQ(condition_of(patch, "Ready"), "Unknown/PartialTriggerError");
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
