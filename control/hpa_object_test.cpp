#include "control/hpa_object.h"

#include <gtest/gtest.h>

namespace control {
namespace {

const std::vector<std::string> own = {"*otel*:4318"};

json::Value scaled_object(std::string_view meta, std::string_view spec) {
  json::Value object = json::parse(R"({"apiVersion":"keda.sh/v1alpha1","kind":"ScaledObject",
      "metadata":{"name":"web","namespace":"shop","uid":"u-1",
                  "annotations":{"tidewheel.dev/engine":"hpa"}},
      "spec":{"scaleTargetRef":{"name":"api"},"triggers":[{"type":"kedify-otel",
        "metadata":{"metricQuery":"depth","targetValue":"5"}}]}})")
                           .value();
  json::merge_patch(object, json::Object{{"metadata", json::parse(meta).value()},
                                         {"spec", json::parse(spec).value()}});
  return object;
}

json::Value hpa_of(const json::Value& json) {
  const auto object = kube::scaled_object_from_json(json);
  EXPECT_TRUE(object) << object.error().what;
  const Compiled compiled = compile(*object, {own, "direct"});
  EXPECT_TRUE(compiled.plan) << compiled.problems.front().message;
  return hpa_object(*object, json, *compiled.plan);
}

json::Value at(const json::Value& object, std::string_view a, std::string_view b) {
  const json::Value* found = json::find(object, a, b);
  return found ? *found : json::Value();
}

TEST(HpaObject, IsWhatKedaMakes) {
  EXPECT_EQ(hpa_of(scaled_object(R"({"labels":{"team":"x"}})", "{}")),
            json::parse(R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler",
    "metadata":{"name":"keda-hpa-web","namespace":"shop",
      "labels":{"app.kubernetes.io/managed-by":"keda-operator",
        "app.kubernetes.io/name":"keda-hpa-web","app.kubernetes.io/part-of":"web",
        "app.kubernetes.io/version":")" TIDEWHEEL_VERSION R"(",
        "scaledobject.keda.sh/name":"web","team":"x"},
      "annotations":{"tidewheel.dev/engine":"hpa"},
      "ownerReferences":[{"apiVersion":"keda.sh/v1alpha1","kind":"ScaledObject","name":"web",
        "uid":"u-1","controller":true,"blockOwnerDeletion":true}]},
    "spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"api"},
      "minReplicas":1,"maxReplicas":100,
      "metrics":[{"type":"External","external":{
        "metric":{"name":"s0-shop-web",
                  "selector":{"matchLabels":{"scaledobject.keda.sh/name":"web"}}},
        "target":{"type":"AverageValue","averageValue":"5"}}}]}})")
                .value());
}

TEST(HpaObject, CountsComeFromTheManifest) {
  struct Case {
    const char* spec;
    int min, max;
  };
  const Case cases[] = {{R"({"minReplicaCount":0})", 1, 100},
                        {R"({"minReplicaCount":3,"maxReplicaCount":7})", 3, 7},
                        {R"({"minReplicaCount":3,"idleReplicaCount":0})", 3, 100}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.spec);
    const json::Value hpa = hpa_of(scaled_object("{}", c.spec));
    EXPECT_EQ(at(hpa, "spec", "minReplicas"), c.min);
    EXPECT_EQ(at(hpa, "spec", "maxReplicas"), c.max);
  }
}

TEST(HpaObject, ItsNameMayBeStatedAndItsLabelIsCut) {
  const std::string name(50, 'a');
  const json::Value hpa =
      hpa_of(scaled_object("{}", R"({"advanced":{"horizontalPodAutoscalerConfig":{"name":")" +
                                     name + std::string(12, 'b') + R"(.-cc"}}})"));
  EXPECT_EQ(json::text_at(*json::find(hpa, "metadata"), "name"),
            name + std::string(12, 'b') + ".-cc");
  EXPECT_EQ(json::text_at(at(hpa, "metadata", "labels"), "app.kubernetes.io/name"),
            name + std::string(12, 'b'));
}

TEST(HpaObject, LabelsMayBeExcluded) {
  const json::Value hpa = hpa_of(scaled_object(
      R"({"labels":{"a":"1","b":"2"},
          "annotations":{"scaledobject.keda.sh/hpa-excluded-labels":"b,c"}})",
      "{}"));
  const json::Value labels = at(hpa, "metadata", "labels");
  EXPECT_EQ(json::text_at(labels, "a"), "1");
  EXPECT_EQ(json::text_at(labels, "b"), std::nullopt);
}

TEST(HpaObject, ToolsAnnotationsAreNotCopied) {
  const json::Value hpa = hpa_of(scaled_object(
      R"({"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}",
          "argocd.argoproj.io/tracking-id":"x","meta.helm.sh/release-name":"y",
          "tidewheel.dev/loaded-from":"a.yaml","owner":"me"}})",
      "{}"));
  EXPECT_EQ(at(hpa, "metadata", "annotations"),
            json::parse(R"({"owner":"me","tidewheel.dev/engine":"hpa"})").value());
}

TEST(HpaObject, BehaviourIsTakenAsWrittenAndPausesDisable) {
  constexpr std::string_view spec = R"({"advanced":{"horizontalPodAutoscalerConfig":{"behavior":{
      "scaleDown":{"stabilizationWindowSeconds":10}}}}})";
  EXPECT_EQ(at(hpa_of(scaled_object("{}", spec)), "spec", "behavior"),
            json::parse(R"({"scaleDown":{"stabilizationWindowSeconds":10}})").value());
  EXPECT_EQ(at(hpa_of(scaled_object(
                   R"({"annotations":{"autoscaling.keda.sh/paused-scale-in":"true"}})", spec)),
               "spec", "behavior"),
            json::parse(R"({"scaleDown":{"stabilizationWindowSeconds":10,
                                          "selectPolicy":"Disabled"}})")
                .value());
  EXPECT_EQ(at(hpa_of(scaled_object(
                   R"({"annotations":{"autoscaling.keda.sh/paused-scale-out":""}})", "{}")),
               "spec", "behavior"),
            json::parse(R"({"scaleUp":{"selectPolicy":"Disabled"}})").value());
}

TEST(HpaObject, TargetsAreInThousandths) {
  struct Case {
    const char* target;
    const char* want;
  };
  const Case cases[] = {{"5", "5"},       {"2.5", "2500m"}, {"0.1234", "123m"},
                        {"0.0006", "1m"}, {"1000", "1k"},   {"20000", "20k"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.target);
    const json::Value hpa = hpa_of(
        scaled_object("{}", std::string(R"({"triggers":[{"type":"kedify-otel","metricType":"Value",
            "metadata":{"metricQuery":"depth","targetValue":")") +
                                c.target + R"("}}]})"));
    const json::Value metrics = at(hpa, "spec", "metrics");
    EXPECT_EQ(*json::find(metrics.get_array().at(0), "external", "target"),
              (json::Value(json::Object{{"type", "Value"}, {"value", c.want}})));
  }
}

TEST(HpaObject, ModifiersHaveOneMetric) {
  const json::Value hpa = hpa_of(scaled_object("{}", R"({
      "advanced":{"scalingModifiers":{"formula":"a + b","target":"2.5009"}},
      "triggers":[{"type":"kedify-otel","name":"a","metadata":{"metricQuery":"x"}},
                  {"type":"kedify-otel","name":"b","metadata":{"metricQuery":"y"}}]})"));
  EXPECT_EQ(at(hpa, "spec", "metrics"), json::parse(R"([{"type":"External","external":{
      "metric":{"name":"composite-metric",
                "selector":{"matchLabels":{"scaledobject.keda.sh/name":"web"}}},
      "target":{"type":"AverageValue","averageValue":"2500m"}}}])")
                                            .value());
}

}  // namespace
}  // namespace control
