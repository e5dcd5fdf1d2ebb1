#include "control/plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "json/json.h"

namespace control {
namespace {

const std::vector<std::string> own = {"*otel*:4318"};

kube::ScaledObject object_of(std::string_view spec, std::string_view annotations = "{}") {
  const auto value =
      json::parse(std::string(R"({"apiVersion":"keda.sh/v1alpha1","kind":"ScaledObject","metadata":
      {"name":"so","namespace":"ns","annotations":)") +
                  std::string(annotations) + R"(},"spec":)" + std::string(spec) + "}");
  EXPECT_TRUE(value) << value.error().what;
  auto object = kube::scaled_object_from_json(*value);
  EXPECT_TRUE(object) << object.error().what;
  return *object;
}

Compiled compiled(std::string_view spec, std::string_view annotations = "{}") {
  return compile(object_of(spec, annotations), {own, "direct"});
}

constexpr std::string_view minimal =
    R"({"scaleTargetRef":{"name":"web"},"triggers":[{"type":"kedify-otel",
    "metadata":{"metricQuery":"depth","targetValue":"10"}}]})";

TEST(Compile, GivesKedaDefaultsWhereTheManifestIsSilent) {
  const Compiled c = compiled(minimal);
  ASSERT_TRUE(c.plan);
  EXPECT_EQ(c.plan->target, (kube::Key{"ns", "web"}));
  EXPECT_EQ(c.plan->engine, "direct");
  EXPECT_EQ(c.plan->spec.min, 0);
  EXPECT_EQ(c.plan->spec.max, 100);
  EXPECT_EQ(c.plan->spec.cooldown, std::chrono::seconds(300));
  EXPECT_FALSE(c.plan->spec.behavior);
  EXPECT_EQ(c.plan->spec.polling, std::chrono::seconds(30));
  ASSERT_EQ(c.plan->spec.triggers.size(), 1u);
  EXPECT_EQ(c.plan->spec.triggers[0].name, "kedify-otel-0");
  EXPECT_EQ(c.plan->spec.triggers[0].target, 10);
  EXPECT_TRUE(c.problems.empty());
}

TEST(Compile, TakesBehaviourCountsAndTriggerDetails) {
  const Compiled c =
      compiled(R"({"scaleTargetRef":{"name":"web"},"minReplicaCount":2,"maxReplicaCount":7,
      "idleReplicaCount":0,"cooldownPeriod":5,"initialCooldownPeriod":9,
      "advanced":{"restoreToOriginalReplicaCount":true,"horizontalPodAutoscalerConfig":{"behavior":{
        "scaleDown":{"stabilizationWindowSeconds":10,"selectPolicy":"Disabled"},
        "scaleUp":{"policies":[{"type":"Percent","value":50,"periodSeconds":30}],"selectPolicy":"Min"}}}},
      "triggers":[{"type":"external","name":"q","metadata":{"scalerAddress":"keda-otel-scaler.keda.svc:4318",
        "metricQuery":"depth{a=b}","operationOverTime":"rate","targetValue":".5","activationTargetValue":"3",
        "clampMax":"600"}}]})");
  ASSERT_TRUE(c.plan) << c.problems.front().message;
  const scale::Spec& spec = c.plan->spec;
  EXPECT_TRUE(c.plan->restore_replicas);
  EXPECT_EQ(spec.min, 2);
  EXPECT_EQ(spec.max, 7);
  EXPECT_EQ(spec.idle, 0);
  EXPECT_EQ(spec.cooldown, std::chrono::seconds(5));
  EXPECT_EQ(spec.initial_cooldown, std::chrono::seconds(9));
  ASSERT_TRUE(spec.behavior);
  EXPECT_EQ(spec.behavior->down.window, std::chrono::seconds(10));
  EXPECT_EQ(spec.behavior->down.select, scale::hpa::SelectPolicy::disabled);
  EXPECT_EQ(spec.behavior->down.policies, scale::hpa::default_down().policies);
  EXPECT_EQ(spec.behavior->up.select, scale::hpa::SelectPolicy::min);
  EXPECT_EQ(spec.behavior->up.policies,
            (std::vector<scale::hpa::Policy>{{.type = scale::hpa::PolicyType::percent,
                                              .value = 50,
                                              .period = std::chrono::seconds(30)}}));
  EXPECT_EQ(spec.triggers[0].name, "q");
  EXPECT_EQ(spec.triggers[0].activation, 3);
  EXPECT_EQ(c.plan->triggers[0].clamp_max, 600);
}

TEST(Compile, NamesEveryProblemWithItsField) {
  struct Case {
    const char* name;
    const char* spec;
    const char* annotations;
    const char* field;
    const char* message;
  };
  const Case cases[] = {
      {"unknown type",
       R"({"scaleTargetRef":{"name":"w"},"triggers":[{"type":"kafkaesque","metadata":{}}]})", "{}",
       "spec.triggers[0].type",
       "no scaler found for type: kafkaesque (supported: external, external-push, kedify-otel)"},
      {"someone else's scaler",
       R"({"scaleTargetRef":{"name":"w"},"triggers":[{"type":"external","metadata":{"scalerAddress":"other:80"}}]})",
       "{}", "spec.triggers[0].type",
       "scalerAddress \"other:80\" is not answered here (see --own-scaler-addresses)"},
      {"no target",
       R"({"scaleTargetRef":{"name":"w"},"triggers":[{"type":"kedify-otel","metadata":{"metricQuery":"a"}}]})",
       "{}", "spec.triggers[0].metadata", "missing targetValue"},
      {"bad engine", minimal.data(), R"({"tidewheel.dev/engine":"warp"})",
       "metadata.annotations[tidewheel.dev/engine]",
       "\"warp\" is not an engine (want advisory, direct or hpa)"},
      {"bad paused-replicas", minimal.data(), R"({"autoscaling.keda.sh/paused-replicas":"two"})",
       "metadata.annotations[autoscaling.keda.sh/paused-replicas]",
       "\"two\" is not a whole number of at least 0"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Compiled got = compiled(c.spec, c.annotations);
    EXPECT_FALSE(got.plan);
    ASSERT_FALSE(got.problems.empty());
    EXPECT_EQ(got.problems[0], (Problem{c.field, c.message}));
  }
}

TEST(Compile, WarnsOfKeysThatNobodyReads) {
  const Compiled c = compiled(R"({"scaleTargetRef":{"name":"web"},"triggers":[{"type":"kedify-otel",
      "metadata":{"metricQuery":"depth","targetValue":"1","operationOvertime":"avg"}}]})");
  ASSERT_TRUE(c.plan);
  ASSERT_EQ(c.warnings.size(), 1u);
  EXPECT_EQ(c.warnings[0].field, "spec.triggers[0].metadata.operationOvertime");
}

TEST(AnnotationIsTrue, ReadsGoBooleansAndTakesTheRestAsTrue) {
  const auto meta =
      object_of(minimal, R"({"a":"true","b":"false","c":"","d":"0","e":"nonsense"})").meta;
  EXPECT_TRUE(annotation_is_true(meta, "a"));
  EXPECT_FALSE(annotation_is_true(meta, "b"));
  EXPECT_TRUE(annotation_is_true(meta, "c"));
  EXPECT_FALSE(annotation_is_true(meta, "d"));
  EXPECT_TRUE(annotation_is_true(meta, "e"));
  EXPECT_FALSE(annotation_is_true(meta, "absent"));
}

}  // namespace
}  // namespace control
