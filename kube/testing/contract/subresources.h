#pragma once

// The "status" and "scale" subresources.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "kube/scaled_object.h"
#include "kube/testing/contract/fixture.h"
#include "kube/types.h"

namespace kube::testing {

TEST_P(Contract, StatusIsWrittenOnlyThroughItsSubresource) {
  json::Value object = scaled_object_sample("so", "web");
  object.get_object()["status"] = parsed(R"({"hpaName": "from-create"})");
  object = create(scaled_objects, object);
  EXPECT_EQ(scaled_object_from_json(object)->status.hpa_name, "");

  const json::Value patch =
      parsed(R"({"status": {"hpaName": "right"}, "spec": {"maxReplicaCount": 7}})");
  auto patched = run(client_.patch(scaled_objects, key("so"), patch, "status"));
  ASSERT_TRUE(patched) << patched.error().what;
  auto read = scaled_object_from_json(*patched);
  EXPECT_EQ(read->status.hpa_name, "right");
  EXPECT_EQ(read->spec.max_replica_count, std::nullopt);
  EXPECT_EQ(read->meta.generation, 1);

  patched = run(client_.patch(scaled_objects, key("so"), patch));
  ASSERT_TRUE(patched) << patched.error().what;
  read = scaled_object_from_json(*patched);
  EXPECT_EQ(read->spec.max_replica_count, 7);
  EXPECT_EQ(read->meta.generation, 2);

  const json::Value wrong = parsed(R"({"status": {"hpaName": "wrong"}})");
  patched = run(client_.patch(scaled_objects, key("so"), wrong));
  ASSERT_TRUE(patched) << patched.error().what;
  EXPECT_EQ(scaled_object_from_json(*patched)->status.hpa_name, "right");
}

TEST_P(Contract, ScaleReadsAndWritesReplicas) {
  create(deployments, deployment_sample("web", 2));
  EXPECT_EQ(run(client_.replicas(deployments, key("web"))), 2);
  EXPECT_TRUE(run(client_.set_replicas(deployments, key("web"), 0)));
  EXPECT_EQ(run(client_.replicas(deployments, key("web"))), 0);
  EXPECT_TRUE(run(client_.set_replicas(deployments, key("web"), 5)));
  const auto deployment = deployment_from_json(get(deployments, "web"));
  EXPECT_EQ(deployment->replicas, 5);
  EXPECT_EQ(deployment->meta.generation, 3);
  EXPECT_EQ(run(client_.replicas(deployments, key("absent"))).error().code, Code::not_found);
  EXPECT_EQ(run(client_.set_replicas(deployments, key("web"), -1)).error().code, Code::invalid);
}

TEST_P(Contract, AStatusCanBeReplacedAsAWhole) {
  json::Value object = create(scaled_objects, scaled_object_sample("so", "web"));
  object.get_object()["status"] = parsed(R"({"hpaName": "one", "scaleTargetKind": "apps/v1.D"})");
  object.get_object()["spec"].get_object()["maxReplicaCount"] = 7;
  const json::Value old = object;
  object = value_of(client_.update(scaled_objects, key("so"), object, "status"));
  EXPECT_EQ(scaled_object_from_json(object)->spec.max_replica_count, std::nullopt);
  EXPECT_EQ(generation_of(object), 1);
  object.get_object()["status"] = parsed(R"({"hpaName": "two"})");
  object = value_of(client_.update(scaled_objects, key("so"), object, "status"));
  EXPECT_EQ(json::print(*json::find(object, "status")), R"({"hpaName":"two"})");
  EXPECT_EQ(code_of(client_.update(scaled_objects, key("so"), old, "status")), Code::conflict);
  EXPECT_EQ(code_of(client_.update(scaled_objects, key("absent"),
                                   scaled_object_sample("absent", "web"), "status")),
            Code::not_found);
}

TEST_P(Contract, AStatusCanBePatchedByOperations) {
  create(scaled_objects, scaled_object_sample("so", "web"));
  const json::Value patched = value_of(
      client_.json_patch(scaled_objects, key("so"),
                         parsed(R"([{"op": "add", "path": "/status", "value": {"hpaName": "one"}},
                 {"op": "add", "path": "/spec/maxReplicaCount", "value": 7}])"),
                         "status"));
  const auto read = scaled_object_from_json(patched);
  EXPECT_EQ(read->status.hpa_name, "one");
  EXPECT_EQ(read->spec.max_replica_count, std::nullopt);
}

TEST_P(Contract, AnUpdateKeepsTheStatus) {
  json::Value object = create(scaled_objects, scaled_object_sample("so", "web"));
  object = value_of(client_.patch(scaled_objects, key("so"),
                                  parsed(R"({"status": {"hpaName": "right"}})"), "status"));
  object.get_object()["status"] = parsed(R"({"hpaName": "wrong"})");
  object.get_object()["spec"].get_object()["maxReplicaCount"] = 7;
  object = value_of(client_.update(scaled_objects, key("so"), object));
  const auto read = scaled_object_from_json(object);
  EXPECT_EQ(read->status.hpa_name, "right");
  EXPECT_EQ(read->spec.max_replica_count, 7);
  EXPECT_EQ(read->meta.generation, 2);
}

// What client.h's replicas() leaves out: the Scale itself.
class ScaleContract : public Contract {
 protected:
  Task<Result<json::Value>> ask(Verb verb, json::Value body = {}, std::string name = "web") {
    return cluster_->transport().call({.verb = verb,
                                       .resource = deployments,
                                       .key = key(std::move(name)),
                                       .subresource = "scale",
                                       .body = std::move(body)});
  }
};

TEST_P(ScaleContract, AScaleIsAnObjectOfItsOwn) {
  const json::Value made = create(deployments, deployment_sample("web", 2));
  const json::Value scale = value_of(ask(Verb::get));
  EXPECT_EQ(json::text_at(scale, "kind"), "Scale");
  EXPECT_EQ(json::text_at(scale, "apiVersion"), "autoscaling/v1");
  for (const char* member : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    EXPECT_EQ(meta_text(scale, member), meta_text(made, member)) << member;
  }
  EXPECT_EQ(json::print(*json::find(scale, "spec")), R"({"replicas":2})");
  EXPECT_EQ(json::int_at(*json::find(scale, "status"), "replicas"), 0);
  EXPECT_EQ(json::text_at(*json::find(scale, "status"), "selector"), "app=web");
}

TEST_P(ScaleContract, AScaleIsPatchedBothWays) {
  create(deployments, deployment_sample("web", 2));
  value_of(ask(Verb::merge_patch, parsed(R"({"spec": {"replicas": 3}})")));
  EXPECT_EQ(run(client_.replicas(deployments, key("web"))), 3);
  const json::Value scale = value_of(ask(
      Verb::json_patch, parsed(R"([{"op": "replace", "path": "/spec/replicas", "value": 4}])")));
  EXPECT_EQ(json::print(*json::find(scale, "spec")), R"({"replicas":4})");
  const json::Value deployment = get(deployments, "web");
  EXPECT_EQ(deployment_from_json(deployment)->replicas, 4);
  EXPECT_EQ(generation_of(deployment), 3);
}

TEST_P(ScaleContract, AScaleOfAnOlderVersionIsAConflict) {
  create(deployments, deployment_sample("web", 2));
  json::Value old = value_of(ask(Verb::get));
  value_of(ask(Verb::merge_patch, parsed(R"({"spec": {"replicas": 3}})")));
  old.get_object()["spec"].get_object()["replicas"] = 9;
  const Error error = error_of(ask(Verb::update, old));
  EXPECT_EQ(error.code, Code::conflict);
  EXPECT_TRUE(error.what.starts_with(
      "Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified"))
      << error.what;
  const Error negative = error_of(ask(Verb::merge_patch, parsed(R"({"spec": {"replicas": -1}})")));
  EXPECT_EQ(negative.code, Code::invalid);
  EXPECT_TRUE(negative.what.starts_with("Scale.autoscaling \"web\" is invalid: spec.replicas: "))
      << negative.what;
  EXPECT_EQ(code_of(ask(Verb::get, {}, "absent")), Code::not_found);
}

}  // namespace kube::testing
