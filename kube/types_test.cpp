#include "kube/types.h"

#include <gtest/gtest.h>

#include "kube/testing/samples.h"

namespace kube {
namespace {

using testing::parsed;

constexpr const char* full_scaled_object = R"({
  "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject",
  "metadata": {
    "name": "so", "namespace": "ns", "uid": "u-1", "resourceVersion": "7", "generation": 3,
    "creationTimestamp": "2026-01-02T03:04:05Z", "deletionTimestamp": "2026-01-02T03:04:06Z",
    "labels": {"a": "b"}, "annotations": {"x/y": "z"}, "finalizers": ["f"],
    "ownerReferences": [{"apiVersion": "v1", "kind": "K", "name": "n", "uid": "o", "controller": true}]},
  "spec": {
    "scaleTargetRef": {"name": "web", "kind": "StatefulSet", "envSourceContainerName": "main"},
    "pollingInterval": 5, "cooldownPeriod": 0, "initialCooldownPeriod": 10,
    "idleReplicaCount": 0, "minReplicaCount": 1, "maxReplicaCount": 9,
    "fallback": {"failureThreshold": 3, "replicas": 2, "behavior": "currentReplicas"},
    "advanced": {
      "restoreToOriginalReplicaCount": true,
      "horizontalPodAutoscalerConfig": {"name": "hpa", "behavior": {
        "scaleUp": {"stabilizationWindowSeconds": 0, "selectPolicy": "Min", "tolerance": "50m"},
        "scaleDown": {"tolerance": 0.2,
                      "policies": [{"type": "Pods", "value": 2, "periodSeconds": 60}]}}},
      "scalingModifiers": {"formula": "a+b", "target": "5"}},
    "triggers": [
      {"type": "external", "name": "one", "metadata": {"query": "q", "targetValue": "5"},
       "authenticationRef": {"name": "auth"}, "useCachedMetrics": true, "metricType": "Value"},
      {"type": "cpu", "metadata": {}}]},
  "status": {
    "scaleTargetKind": "apps/v1.StatefulSet",
    "scaleTargetGVKR": {"group": "apps", "version": "v1", "kind": "StatefulSet", "resource": "statefulsets"},
    "originalReplicaCount": 0, "lastActiveTime": "2026-01-02T03:04:07Z",
    "externalMetricNames": ["s0-q"], "resourceMetricNames": ["cpu"],
    "conditions": [{"type": "Ready", "status": "True", "reason": "R", "message": "m"}],
    "health": {"s0-q": {"numberOfFailures": 2, "status": "Failing"}},
    "triggersActivity": {"s0-q": {"isActive": true}},
    "pausedReplicaCount": 4, "hpaName": "hpa", "triggersTypes": "external,cpu",
    "authenticationsTypes": "auth"}})";

TEST(ScaledObject, EveryFieldIsRead) {
  const auto got = scaled_object_from_json(parsed(full_scaled_object));
  ASSERT_TRUE(got) << got.error().what;
  const ScaledObjectSpec& spec = got->spec;
  EXPECT_EQ(spec.target,
            (ScaleTargetRef{.kind = "StatefulSet", .name = "web", .env_source_container = "main"}));
  EXPECT_EQ(spec.polling(), std::chrono::seconds(5));
  EXPECT_EQ(spec.cooldown(), Duration{});
  EXPECT_EQ(spec.initial_cooldown(), std::chrono::seconds(10));
  EXPECT_EQ(spec.idle_replica_count, 0);
  EXPECT_EQ(spec.min_replicas(), 1);
  EXPECT_EQ(spec.max_replicas(), 9);
  EXPECT_EQ(spec.fallback, (Fallback{3, 2, "currentReplicas"}));
  EXPECT_TRUE(spec.advanced.restore_to_original_replica_count);
  EXPECT_EQ(spec.advanced.hpa_name, "hpa");
  EXPECT_TRUE(spec.advanced.scaling_modifiers.used());
  const ScalingRules up{
      .stabilization_window = Duration{}, .select_policy = "Min", .tolerance = 0.05};
  const ScalingRules down{.policies = {{"Pods", 2, std::chrono::seconds(60)}}, .tolerance = 0.2};
  EXPECT_EQ(spec.advanced.behavior, (ScalingBehavior{up, down}));
  ASSERT_EQ(spec.triggers.size(), 2u);
  EXPECT_EQ(spec.triggers[0], (Trigger{.type = "external",
                                       .name = "one",
                                       .metadata = {{"query", "q"}, {"targetValue", "5"}},
                                       .authentication = AuthenticationRef{.name = "auth"},
                                       .use_cached_metrics = true,
                                       .metric_type = "Value"}));
  EXPECT_EQ(spec.triggers[1], (Trigger{.type = "cpu"}));
}

TEST(ScaledObject, StatusAndMetadataAreWrittenAsTheyWereRead) {
  const json::Value object = parsed(full_scaled_object);
  const auto got = scaled_object_from_json(object);
  ASSERT_TRUE(got);
  EXPECT_EQ(json::Value(to_json(got->status)), *json::find(object, "status"));
  EXPECT_EQ(json::Value(to_json(got->meta)), *json::find(object, "metadata"));
}

TEST(ScaledObject, WhatIsNotStatedHasKedasDefaults) {
  const auto got = scaled_object_from_json(
      parsed(R"({"spec": {"scaleTargetRef": {"name": "web"}, "triggers": null}})"));
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->spec, (ScaledObjectSpec{.target = {.name = "web"}}));
  EXPECT_EQ(got->spec.target.kind, "Deployment");
  EXPECT_EQ(got->spec.polling(), std::chrono::seconds(30));
  EXPECT_EQ(got->spec.cooldown(), std::chrono::seconds(300));
  EXPECT_EQ(got->spec.max_replicas(), 100);
  EXPECT_TRUE(to_json(got->status).empty());
}

struct BadCase {
  const char* object;
  const char* want;
};

const BadCase bad_scaled_objects[] = {
    {"5", "object: want an object, got a number"},
    {R"({"spec": []})", "spec: want an object, got a list"},
    {R"({"spec": {"triggers": [{"metadata": {"targetValue": 5}}]}})",
     "spec.triggers[0].metadata.targetValue: want a string, got a number"},
    {R"({"spec": {"triggers": [{}, 5]}})", "spec.triggers[1]: want an object, got a number"},
    {R"({"spec": {"triggers": {}}})", "spec.triggers: want a list, got an object"},
    {R"({"spec": {"maxReplicaCount": "3"}})",
     "spec.maxReplicaCount: want an integer, got a string"},
    {R"({"spec": {"maxReplicaCount": 3000000000}})", "spec.maxReplicaCount: out of range"},
    {R"({"metadata": {"labels": {"a/b": true}}})",
     "metadata.labels[a/b]: want a string, got a boolean"},
    {R"({"metadata": {"finalizers": ["a", 5]}})",
     "metadata.finalizers[1]: want a string, got a number"},
    {R"({"metadata": {"creationTimestamp": "yesterday"}})",
     "metadata.creationTimestamp: \"yesterday\" is not"},
    {R"({"spec": {"advanced": {"horizontalPodAutoscalerConfig": {"behavior":
        {"scaleUp": {"tolerance": "x"}}}}}})",
     "spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleUp.tolerance: bad quantity \"x\": "
     "no digits"},
};

TEST(ScaledObject, TheFirstWrongFieldIsNamed) {
  for (const auto& c : bad_scaled_objects) {
    SCOPED_TRACE(c.object);
    const auto got = scaled_object_from_json(parsed(c.object));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Code::invalid);
    EXPECT_TRUE(got.error().what.starts_with(c.want)) << got.error().what;
  }
}

TEST(Deployment, IsReadWithItsPodTemplate) {
  const auto got = deployment_from_json(parsed(R"({
    "metadata": {"name": "web"},
    "spec": {"replicas": 0, "paused": true, "selector": {"matchLabels": {"a": "b"}},
      "template": {
        "metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}},
        "spec": {"terminationGracePeriodSeconds": 5, "containers": [
          {"name": "main", "image": "i", "command": ["x"], "args": ["y", "z"], "workingDir": "/w",
           "env": [{"name": "A", "value": "1"},
                   {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]}]}}},
    "status": {"replicas": 2, "readyReplicas": 1}})"));
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->replicas, 0);
  EXPECT_TRUE(got->paused);
  EXPECT_EQ(got->selector, (TextMap{{"a", "b"}}));
  EXPECT_EQ(got->pod_template.annotations, (TextMap{{"c", "d"}}));
  EXPECT_EQ(got->pod_template.spec.termination_grace, std::chrono::seconds(5));
  const Container want{.name = "main",
                       .image = "i",
                       .command = {"x"},
                       .args = {"y", "z"},
                       .env = {{"A", "1", ""}, {"B", "", "metadata.name"}},
                       .working_dir = "/w"};
  EXPECT_EQ(got->pod_template.spec.containers, std::vector{want});
  EXPECT_EQ(got->status.ready_replicas, 1);
}

TEST(Pod, IsReadAsItIsWritten) {
  Pod pod;
  pod.meta = {.name = "p", .ns = "ns", .labels = {{"a", "b"}}};
  pod.spec.containers = {
      {.name = "main", .command = {"x"}, .env = {{"A", "1", ""}, {"B", "", "status.podIP"}}}};
  pod.spec.termination_grace = std::chrono::seconds(7);
  pod.status = {.phase = "Running",
                .pod_ip = "127.0.0.1",
                .started = Timestamp{1'800'000'000'000'000'000},
                .conditions = {{"Ready", "True", "", ""}},
                .containers = {{.name = "main",
                                .state = ContainerStatus::State::terminated,
                                .reason = "Error",
                                .exit_code = 3,
                                .finished = Timestamp{1'800'000'000'000'000'000},
                                .restarts = 2}}};
  json::Value object = to_json(pod);
  object.get_object()["status"] = to_json(pod.status);
  const auto got = pod_from_json(object);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->meta, pod.meta);
  EXPECT_EQ(got->spec, pod.spec);
  EXPECT_EQ(got->status, pod.status);
}

struct FieldCase {
  const char* path;
  Result<std::string> want;
};

TEST(Pod, FieldPathsOfTheDownwardApi) {
  Pod pod;
  pod.meta = {
      .name = "p", .ns = "ns", .uid = "u", .labels = {{"a/b", "l"}}, .annotations = {{"c", "n"}}};
  pod.status.pod_ip = "127.0.0.1";
  const FieldCase cases[] = {
      {"metadata.name", "p"},
      {"metadata.namespace", "ns"},
      {"metadata.uid", "u"},
      {"metadata.labels['a/b']", "l"},
      {"metadata.labels['none']", ""},
      {"metadata.annotations['c']", "n"},
      {"status.podIP", "127.0.0.1"},
      {"metadata.labels", fail(Code::invalid, "unsupported field path \"metadata.labels\"")},
      {"metadata.labels['']",
       fail(Code::invalid, "unsupported field path \"metadata.labels['']\"")},
      {"spec.x", fail(Code::invalid, "unsupported field path \"spec.x\"")},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.path);
    EXPECT_EQ(field_value(pod, c.path), c.want);
  }
}

TEST(Conditions, ArePutByType) {
  std::vector<Condition> conditions{{"A", "True", "", ""}};
  put_condition(conditions, {"B", "False", "r", "m"});
  put_condition(conditions, {"A", "Unknown", "", ""});
  EXPECT_EQ(conditions,
            (std::vector<Condition>{{"A", "Unknown", "", ""}, {"B", "False", "r", "m"}}));
  EXPECT_EQ(find_condition(conditions, "B")->reason, "r");
  EXPECT_EQ(find_condition(conditions, "C"), nullptr);
}

}  // namespace
}  // namespace kube
