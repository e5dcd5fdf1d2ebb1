#include "cluster/api.h"

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "kube/testing/await.h"
#include "kube/testing/samples.h"
#include "kube/types.h"
#include "storage/testing/fake_journal.h"

namespace cluster {
namespace {

using kube::testing::await;
using kube::testing::deployment_sample;
using kube::testing::parsed;
using kube::testing::pod_sample;
using kube::testing::scaled_object_sample;
using storage::testing::FakeJournal;

// What is beyond the contract with a real server: limits, admission of our own, and what a restart
// finds.
class ApiTest : public ::testing::Test {
 protected:
  void open(ApiOptions options = {}) { api = Api::open(&journal, clock, Log{}, options).value(); }

  template <class T>
  T run(Task<T> task) {
    return await(loop, std::move(task));
  }
  kube::Client client() { return kube::Client(*api); }
  json::Value create(const kube::Resource& resource, json::Value object) {
    auto made = run(client().create(resource, "default", std::move(object)));
    EXPECT_TRUE(made) << made.error().what;
    return made.value_or(json::Value{});
  }
  std::string error_of(Task<Result<json::Value>> task) {
    auto answer = run(std::move(task));
    return answer ? "no error" : answer.error().what;
  }
  bool exists(const kube::Resource& resource, const std::string& name) {
    return run(client().get(resource, {"default", name})).has_value();
  }
  // A pod that `owner` owns.
  json::Value owned_pod(const std::string& name, const json::Value& owner) {
    json::Value pod = pod_sample(name);
    kube::ObjectMeta meta{.name = name};
    meta.owners.push_back(
        kube::owner_reference(kube::deployments, kube::meta_from_json(owner).value()));
    pod.get_object()["metadata"] = kube::to_json(meta);
    return pod;
  }

  base::Loop loop;
  base::testing::FakeClock clock;
  FakeJournal journal;
  std::unique_ptr<Api> api;
};

TEST_F(ApiTest, ARestartFindsEveryObjectAsItWas) {
  open();
  const json::Value web = create(kube::deployments, deployment_sample("web"));
  create(kube::deployments, deployment_sample("gone"));
  ASSERT_TRUE(run(client().set_replicas(kube::deployments, {"default", "web"}, 7)));
  ASSERT_TRUE(run(client().patch(kube::deployments, {"default", "web"},
                                 parsed(R"({"status": {"replicas": 3}})"), "status")));
  ASSERT_TRUE(run(client().remove(kube::deployments, {"default", "gone"})));
  const auto before = run(client().get(kube::deployments, {"default", "web"}));
  open();
  EXPECT_EQ(run(client().get(kube::deployments, {"default", "web"})), before);
  EXPECT_FALSE(exists(kube::deployments, "gone"));
}

TEST_F(ApiTest, VersionsGoOnRisingAfterARestartAndOldWatchesAreToldToListAgain) {
  open();
  create(kube::deployments, deployment_sample("web"));
  const auto listed = run(client().list(kube::deployments));
  open();
  const auto again = run(client().list(kube::deployments));
  EXPECT_GT(std::stoull(again->resource_version), std::stoull(listed->resource_version));
  const auto old = run(client().watch(kube::deployments, listed->resource_version));
  ASSERT_FALSE(old);
  EXPECT_EQ(old.error().code, Code::unavailable);
  EXPECT_TRUE(run(client().watch(kube::deployments, again->resource_version)));
}

TEST_F(ApiTest, AnObjectThatCannotBeReadBackEndsTheStartWithItsName) {
  struct Case {
    const char* key;
    const char* text;
    const char* want;
  };
  const Case cases[] = {
      {"deployments.apps/default/web", "{", "object deployments.apps/default/web: bad JSON"},
      {"deployments.apps/default/web", "{}", "object deployments.apps/default/web: metadata.uid"},
      {"gadgets/default/web", "{}", "object gadgets/default/web: unknown kind of object"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.want);
    FakeJournal bad;
    bad.put(storage::Table::objects, c.key, c.text);
    const auto opened = Api::open(&bad, clock, Log{});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::bad_data);
    EXPECT_TRUE(opened.error().what.starts_with(c.want)) << opened.error().what;
  }
}

TEST_F(ApiTest, AContainerWithoutACommandIsRefused) {
  open();
  json::Value object = deployment_sample("web");
  object.at_pointer("/spec/template/spec/containers/0").get_object().erase("command");
  EXPECT_EQ(
      error_of(client().create(kube::deployments, "default", object)),
      "Deployment.apps \"web\" is invalid: spec.template.spec.containers[0].command: required: "
      "containers run as local processes here, and an image names none");
}

TEST_F(ApiTest, EveryProblemIsTold) {
  open();
  json::Value object = scaled_object_sample("so", "web");
  json::merge_patch(object, parsed(R"({"spec": {"maxReplicas": 3, "cooldownPeriod": "1"}})"));
  EXPECT_EQ(error_of(client().create(kube::scaled_objects, "default", object)),
            "ScaledObject.keda.sh \"so\" is invalid: spec.maxReplicas: unknown field, did you mean "
            "\"maxReplicaCount\"?; spec.cooldownPeriod: want an integer, got a string");
}

TEST_F(ApiTest, AWorkloadHasOneScaledObject) {
  open();
  create(kube::scaled_objects, scaled_object_sample("one", "web"));
  json::Value second = scaled_object_sample("two", "web");
  json::merge_patch(second, parsed(R"({"spec": {"scaleTargetRef": {"apiVersion": "apps/v1"}}})"));
  EXPECT_EQ(
      error_of(client().create(kube::scaled_objects, "default", second)),
      "ScaledObject.keda.sh \"two\" is invalid: spec.scaleTargetRef: the workload 'web' of type "
      "'apps/v1.Deployment' is already managed by the ScaledObject 'one'");
  create(kube::namespaces, kube::testing::namespace_sample("other"));
  EXPECT_TRUE(run(client().create(kube::scaled_objects, "other", second)));
  ASSERT_TRUE(run(client().patch(kube::scaled_objects, {"default", "one"},
                                 parsed(R"({"spec": {"scaleTargetRef": {"name": "api"}}})"))));
  EXPECT_TRUE(run(client().create(kube::scaled_objects, "default", second)));
  EXPECT_NE(error_of(client().patch(kube::scaled_objects, {"default", "one"},
                                    parsed(R"({"spec": {"scaleTargetRef": {"name": "web"}}})"))),
            "no error");
  ASSERT_TRUE(run(client().remove(kube::scaled_objects, {"default", "two"})));
  EXPECT_TRUE(run(client().patch(kube::scaled_objects, {"default", "one"},
                                 parsed(R"({"spec": {"scaleTargetRef": {"name": "web"}}})"))));
}

TEST_F(ApiTest, WhatAnObjectOwnedGoesWithIt) {
  open();
  const json::Value owner = create(kube::deployments, deployment_sample("web"));
  create(kube::pods, owned_pod("mine", owner));
  json::Value kept = owned_pod("kept", owner);
  kept.get_object()["metadata"].get_object()["finalizers"] = json::Array{"tidewheel.dev/process"};
  create(kube::pods, kept);
  create(kube::pods, pod_sample("free"));
  ASSERT_TRUE(run(client().remove(kube::deployments, {"default", "web"})));
  EXPECT_FALSE(exists(kube::pods, "mine"));
  EXPECT_TRUE(exists(kube::pods, "free"));
  const auto waiting = run(client().get(kube::pods, {"default", "kept"}));
  EXPECT_TRUE(kube::meta_from_json(waiting.value())->deleted);
}

TEST_F(ApiTest, AnObjectWhoseOwnerIsGoneAlreadyGoesAtOnceOrAtTheNextStart) {
  open();
  const json::Value owner = create(kube::deployments, deployment_sample("web"));
  create(kube::pods, owned_pod("early", owner));
  ASSERT_TRUE(run(client().remove(kube::deployments, {"default", "web"})));
  create(kube::pods, owned_pod("late", owner));
  EXPECT_FALSE(exists(kube::pods, "late"));

  FakeJournal torn;
  json::Value orphan = owned_pod("orphan", owner);
  json::merge_patch(orphan, parsed(R"({"metadata": {"uid": "u", "namespace": "default"}})"));
  torn.put(storage::Table::objects, "pods/default/orphan", json::print(orphan));
  api = Api::open(&torn, clock, Log{}).value();
  EXPECT_FALSE(exists(kube::pods, "orphan"));
}

// Each pod owns the next one: what follows from a removal is no deeper a stack.
TEST_F(ApiTest, ALongLineOfOwnersGoesAtOnce) {
  open();
  constexpr int length = 5'000;
  json::Value owner = create(kube::pods, pod_sample("p0"));
  for (int i = 1; i < length; ++i) {
    kube::ObjectMeta meta{.name = "p" + std::to_string(i)};
    meta.owners.push_back(kube::owner_reference(kube::pods, kube::meta_from_json(owner).value()));
    json::Value pod = pod_sample(meta.name);
    pod.get_object()["metadata"] = kube::to_json(meta);
    owner = create(kube::pods, pod);
  }
  ASSERT_TRUE(run(client().remove(kube::pods, {"default", "p0"})));
  EXPECT_EQ(api->size(), 1u);  // the default namespace
}

TEST_F(ApiTest, TheDefaultNamespaceStays) {
  open();
  EXPECT_TRUE(run(client().get(kube::namespaces, {"", "default"})));
  const auto removed = run(client().remove(kube::namespaces, {"", "default"}));
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, Code::denied);
}

json::Value event_sample(const std::string& name) {
  json::Value event = kube::testing::named("v1", "Event", name);
  json::merge_patch(event, parsed(R"({"involvedObject": {"kind": "Pod"}, "reason": "Test"})"));
  return event;
}

TEST_F(ApiTest, TheOldestEventsMakeRoom) {
  open({.events_max = 3});
  for (const char* name : {"a", "b", "c"}) create(kube::events, event_sample(name));
  ASSERT_TRUE(run(client().patch(kube::events, {"default", "a"}, parsed(R"({"count": 2})"))));
  create(kube::events, event_sample("d"));
  EXPECT_TRUE(exists(kube::events, "a"));  // said again since, so no longer the oldest
  EXPECT_FALSE(exists(kube::events, "b"));
  EXPECT_EQ(run(client().list(kube::events))->items.size(), 3u);
}

TEST_F(ApiTest, LimitsAreToldAsExhausted) {
  open({.objects_max = 2, .object_bytes_max = 2'000});
  json::Value large = deployment_sample("large");
  large.get_object()["metadata"].get_object()["annotations"] =
      json::Object{{"a", std::string(2'000, 'x')}};
  const auto too_large = run(client().create(kube::deployments, "default", large));
  EXPECT_EQ(too_large.error().code, Code::exhausted);
  create(kube::deployments, deployment_sample("a"));
  const auto too_many = run(client().create(kube::deployments, "default", deployment_sample("b")));
  EXPECT_EQ(too_many.error().code, Code::exhausted);
  EXPECT_EQ(api->size(), 2u);  // with the default namespace
  EXPECT_TRUE(run(client().set_replicas(kube::deployments, {"default", "a"}, 2)));
}

TEST_F(ApiTest, AWatchThatFallsBehindTheHistoryIsToldToListAgain) {
  open({.history_max = 4});
  const auto start = run(client().list(kube::deployments))->resource_version;
  auto slow = run(client().watch(kube::deployments, start)).value();
  create(kube::deployments, deployment_sample("web"));
  EXPECT_TRUE(run(slow->next()));
  for (int i = 2; i < 8; ++i) {
    ASSERT_TRUE(run(client().set_replicas(kube::deployments, {"default", "web"}, i)));
  }
  const auto next = run(slow->next());
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code, Code::unavailable);
  EXPECT_EQ(run(client().watch(kube::deployments, start)).error().code, Code::unavailable);
  EXPECT_EQ(run(client().watch(kube::deployments, "999999999")).error().code, Code::unavailable);
  EXPECT_EQ(run(client().watch(kube::deployments, "x")).error().code, Code::invalid);
}

TEST_F(ApiTest, ChangesOfOtherKindsDoNotPushAQuietWatchOut) {
  open({.history_max = 4});
  auto quiet = run(client().watch(kube::namespaces)).value();
  EXPECT_TRUE(run(quiet->next()));
  create(kube::deployments, deployment_sample("web"));
  for (int i = 2; i < 20; ++i) {
    ASSERT_TRUE(run(client().set_replicas(kube::deployments, {"default", "web"}, i)));
  }
  create(kube::namespaces, kube::testing::namespace_sample("new"));
  const auto next = run(quiet->next());
  ASSERT_TRUE(next);
  EXPECT_EQ(kube::key_of(next->object).name, "new");
}

json::Value autoscaler_sample(std::string_view spec) {
  json::Value object = kube::testing::named("autoscaling/v2", "HorizontalPodAutoscaler", "hpa");
  object.get_object()["spec"] = parsed(spec);
  json::merge_patch(object, parsed(R"({"spec":{"scaleTargetRef":
      {"apiVersion":"apps/v1","kind":"Deployment","name":"web"}}})"));
  return object;
}

TEST_F(ApiTest, AnAutoscalerIsDefaultedAsOnAServer) {
  open();
  const json::Value made =
      create(kube::horizontal_pod_autoscalers,
             autoscaler_sample(R"({"maxReplicas":3,"behavior":{"scaleDown":{"policies":
                 [{"type":"Pods","value":1,"periodSeconds":60}]}}})"));
  EXPECT_EQ(*json::find(made, "spec"), parsed(R"({
    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
    "minReplicas": 1, "maxReplicas": 3,
    "metrics": [{"type": "Resource", "resource": {"name": "cpu",
      "target": {"type": "Utilization", "averageUtilization": 80}}}],
    "behavior": {
      "scaleUp": {"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": [
        {"type": "Pods", "value": 4, "periodSeconds": 15},
        {"type": "Percent", "value": 100, "periodSeconds": 15}]},
      "scaleDown": {"selectPolicy": "Max",
                    "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]}}})"));
  EXPECT_EQ(json::int_at(*json::find(made, "metadata"), "generation"), 1);
}

TEST_F(ApiTest, AWrongAutoscalerIsRefusedFieldByField) {
  struct Case {
    const char* name;
    const char* spec;
    const char* field;
  };
  const Case cases[] = {
      {"unknown field", R"({"maxReplicas":1,"minReplica":1})", "spec.minReplica: unknown field"},
      {"no maximum", R"({})", "spec.maxReplicas: required"},
      {"max below min", R"({"maxReplicas":1,"minReplicas":2})", "spec.maxReplicas: Invalid"},
      {"zero without a metric that wakes", R"({"maxReplicas":1,"minReplicas":0})",
       "spec.metrics: Forbidden"},
      {"two targets", R"({"maxReplicas":1,"metrics":[{"type":"External","external":{
          "metric":{"name":"m"},"target":{"type":"Value","value":"1","averageValue":"1"}}}]})",
       "spec.metrics[0].external.target"},
      {"window", R"({"maxReplicas":1,"behavior":{"scaleUp":{"stabilizationWindowSeconds":3601}}})",
       "spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid"},
  };
  open();
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const std::string error = error_of(
        client().create(kube::horizontal_pod_autoscalers, "default", autoscaler_sample(c.spec)));
    EXPECT_NE(error.find(c.field), error.npos) << error;
  }
}

TEST_F(ApiTest, AnAutoscalersStatusHasNoNegativeCounts) {
  open();
  create(kube::horizontal_pod_autoscalers, autoscaler_sample(R"({"maxReplicas":3})"));
  const auto patch = [&](std::string_view status) {
    return error_of(client().patch(kube::horizontal_pod_autoscalers, {"default", "hpa"},
                                   parsed(status), "status"));
  };
  EXPECT_NE(patch(R"({"status":{"desiredReplicas":-1}})").find("status.desiredReplicas"),
            std::string::npos);
  EXPECT_EQ(patch(R"({"status":{"desiredReplicas":2}})"), "no error");
}

Task<void> wait_for_change(kube::Watch* watch, Result<kube::WatchEvent>* got) {
  *got = co_await watch->next();
}

TEST_F(ApiTest, AWaitingWatchWakesWithAChangeAndEndsWhenStopped) {
  open();
  auto changes = run(client().watch(kube::pods)).value();
  Result<kube::WatchEvent> got = fail(Code::internal, "nothing yet");
  base::TaskGroup group(loop.executor(), Log{});
  group.spawn(wait_for_change(changes.get(), &got));
  loop.poll();
  EXPECT_FALSE(got);
  create(kube::pods, pod_sample("p"));
  while (group.size() > 0) loop.poll();
  ASSERT_TRUE(got);
  EXPECT_EQ(kube::key_of(got->object).name, "p");
  group.spawn(wait_for_change(changes.get(), &got));
  loop.poll();
  group.stop();
  while (group.size() > 0) loop.poll();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::cancelled);
}

}  // namespace
}  // namespace cluster
