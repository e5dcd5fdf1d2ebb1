#pragma once

// Changing objects: updates, patches, versions and conflicts.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "kube/testing/contract/fixture.h"
#include "kube/types.h"

namespace kube::testing {

TEST_P(Contract, UpdateReplacesTheSpecificationAndCountsIt) {
  json::Value object = create(deployments, deployment_sample("web"));
  object.get_object()["spec"].get_object()["replicas"] = 4;
  auto updated = run(client_.update(deployments, key("web"), object));
  ASSERT_TRUE(updated) << updated.error().what;
  const auto deployment = deployment_from_json(*updated);
  EXPECT_EQ(deployment->replicas, 4);
  EXPECT_EQ(deployment->meta.generation, 2);
  EXPECT_NE(deployment->meta.resource_version, meta_text(object, "resourceVersion"));
}

TEST_P(Contract, AnUpdateOfAnOlderVersionIsAConflict) {
  const json::Value old = create(deployments, deployment_sample("web"));
  ASSERT_TRUE(run(client_.patch(deployments, key("web"), parsed(R"({"spec":{"replicas":2}})"))));
  EXPECT_EQ(code_of(client_.update(deployments, key("web"), old)), Code::conflict);
  json::Value patch = parsed(R"({"spec":{"replicas":3}})");
  patch.get_object()["metadata"] =
      json::Object{{"resourceVersion", meta_text(old, "resourceVersion")}};
  EXPECT_EQ(code_of(client_.patch(deployments, key("web"), patch)), Code::conflict);
}

TEST_P(Contract, CustomResourcesMustSayWhichVersionTheyUpdate) {
  json::Value object = create(scaled_objects, scaled_object_sample("so", "web"));
  object.get_object()["metadata"].get_object().erase("resourceVersion");
  EXPECT_EQ(code_of(client_.update(scaled_objects, key("so"), object)), Code::invalid);
}

TEST_P(Contract, LabelsDoNotCountAsAChangeOfSpecification) {
  create(deployments, deployment_sample("web"));
  auto patched =
      run(client_.patch(deployments, key("web"), parsed(R"({"metadata":{"labels":{"a":"b"}}})")));
  ASSERT_TRUE(patched) << patched.error().what;
  const auto meta = meta_from_json(*patched);
  EXPECT_EQ(meta->generation, 1);
  EXPECT_EQ(meta->labels, (TextMap{{"a", "b"}}));
}

TEST_P(Contract, NullInAMergePatchRemoves) {
  json::Value object = deployment_sample("web");
  object.get_object()["metadata"].get_object()["annotations"] =
      json::Object{{"a", "1"}, {"b", "2"}};
  create(deployments, object);
  auto patched = run(
      client_.patch(deployments, key("web"), parsed(R"({"metadata":{"annotations":{"a":null}}})")));
  ASSERT_TRUE(patched) << patched.error().what;
  EXPECT_EQ(meta_from_json(*patched)->annotations, (TextMap{{"b", "2"}}));
}

TEST_P(Contract, AWriteThatChangesNothingKeepsTheVersion) {
  const json::Value made = create(deployments, deployment_sample("web"));
  auto updated = run(client_.update(deployments, key("web"), made));
  auto patched = run(client_.patch(deployments, key("web"), parsed(R"({"spec":{"replicas":1}})")));
  ASSERT_TRUE(updated && patched);
  EXPECT_EQ(meta_text(*updated, "resourceVersion"), meta_text(made, "resourceVersion"));
  EXPECT_EQ(meta_text(*patched, "resourceVersion"), meta_text(made, "resourceVersion"));
}

TEST_P(Contract, AConflictSaysWhatToDo) {
  const json::Value old = create(deployments, deployment_sample("web"));
  value_of(client_.patch(deployments, key("web"), parsed(R"({"spec":{"replicas":2}})")));
  const Error error = error_of(client_.update(deployments, key("web"), old));
  EXPECT_EQ(error.code, Code::conflict);
  EXPECT_EQ(error.what,
            "Operation cannot be fulfilled on deployments.apps \"web\": the object has been "
            "modified; please apply your changes to the latest version and try again");
  EXPECT_EQ(deployment_from_json(get(deployments, "web"))->replicas, 2);
}

TEST_P(Contract, AnUpdateOfAnotherObjectOfThatNameIsAConflict) {
  json::Value object = create(deployments, deployment_sample("web"));
  object = with_metadata(object, R"({"uid": "another", "resourceVersion": null})");
  EXPECT_EQ(code_of(client_.update(deployments, key("web"), object)), Code::conflict);
}

TEST_P(Contract, WhatOnlyTheServerWritesCannotBeWritten) {
  const json::Value made = create(deployments, deployment_sample("web"));
  const json::Value patched = value_of(client_.patch(
      deployments, key("web"),
      parsed(R"({"metadata": {"generation": 9, "creationTimestamp": "2001-01-01T00:00:00Z"}})")));
  EXPECT_EQ(generation_of(patched), 1);
  EXPECT_EQ(meta_text(patched, "creationTimestamp"), meta_text(made, "creationTimestamp"));
}

TEST_P(Contract, JsonPatchDoesItsOperationsInOrder) {
  create(deployments, with_metadata(deployment_sample("web"), R"({"labels": {"a": "1"}})"));
  const json::Value patched = value_of(client_.json_patch(deployments, key("web"), parsed(R"([
      {"op": "test", "path": "/spec/replicas", "value": 1},
      {"op": "replace", "path": "/spec/replicas", "value": 4},
      {"op": "move", "from": "/metadata/labels/a", "path": "/metadata/labels/b"},
      {"op": "add", "path": "/metadata/labels/example.com~1c", "value": "3"},
      {"op": "copy", "from": "/metadata/labels/b", "path": "/metadata/labels/d"},
      {"op": "remove", "path": "/metadata/labels/b"}])")));
  EXPECT_EQ(deployment_from_json(patched)->replicas, 4);
  EXPECT_EQ(meta_from_json(patched)->labels, (TextMap{{"d", "1"}, {"example.com/c", "3"}}));
  EXPECT_EQ(generation_of(patched), 2);
}

TEST_P(Contract, AJsonPatchThatFailsChangesNothing) {
  const json::Value made = create(deployments, deployment_sample("web"));
  const char* patches[] = {
      R"([{"op": "replace", "path": "/spec/replicas", "value": 4},
          {"op": "test", "path": "/metadata/name", "value": "other"}])",
      R"([{"op": "remove", "path": "/spec/absent"}])",
      R"([{"op": "add", "path": "/spec/absent/x", "value": 1}])",
      R"([{"op": "replace", "path": "/spec/replicas", "value": -4}])",
      R"([{"op": "replace", "path": "/metadata/name", "value": "other"}])",
      R"({"spec": {"replicas": 4}})",
  };
  for (const char* patch : patches) {
    SCOPED_TRACE(patch);
    const Error error = error_of(client_.json_patch(deployments, key("web"), parsed(patch)));
    EXPECT_EQ(base::code_row(error.code).name, "invalid") << error.what;
  }
  EXPECT_EQ(get(deployments, "web"), made);
  EXPECT_EQ(code_of(client_.json_patch(deployments, key("absent"), json::Array{})),
            Code::not_found);
}

TEST_P(Contract, AJsonPatchThatReplacesWhatIsNotThere) {
  create(deployments, deployment_sample("web"));
  const auto patched = run(client_.json_patch(
      deployments, key("web"),
      parsed(R"([{"op": "replace", "path": "/metadata/annotations", "value": {"a": "b"}}])")));
  EXPECT_EQ(patched.has_value(), real_answer(Difference::replacing_nothing));
  if (!patched) EXPECT_EQ(patched.error().code, Code::invalid) << patched.error().what;
}

TEST_P(Contract, AJsonPatchCanTestTheVersion) {
  const json::Value made = create(deployments, deployment_sample("web"));
  const auto scale_if = [&](const std::string& version, int replicas) {
    return client_.json_patch(
        deployments, key("web"),
        json::Array{
            json::Object{{"op", "test"}, {"path", "/metadata/resourceVersion"}, {"value", version}},
            json::Object{{"op", "replace"}, {"path", "/spec/replicas"}, {"value", replicas}}});
  };
  value_of(scale_if(version_of(made), 2));
  EXPECT_EQ(code_of(scale_if(version_of(made), 3)), Code::invalid);
  EXPECT_EQ(deployment_from_json(get(deployments, "web"))->replicas, 2);
}

}  // namespace kube::testing
