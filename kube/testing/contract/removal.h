#pragma once

// How objects go: finalizers, preconditions, owners, namespaces.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "kube/scaled_object.h"
#include "kube/testing/contract/fixture.h"
#include "kube/types.h"

namespace kube::testing {

TEST_P(Contract, AnObjectWithAFinalizerGoesWhenTheFinalizerDoes) {
  json::Value object = scaled_object_sample("so", "web");
  object.get_object()["metadata"].get_object()["finalizers"] = json::Array{"finalizer.keda.sh"};
  create(scaled_objects, object);
  ASSERT_TRUE(run(client_.remove(scaled_objects, key("so"))));
  EXPECT_TRUE(meta_from_json(get(scaled_objects, "so"))->deleted);
  ASSERT_TRUE(run(client_.remove(scaled_objects, key("so"))));  // asking again is no error
  ASSERT_TRUE(
      run(client_.patch(scaled_objects, key("so"), parsed(R"({"metadata":{"finalizers":null}})"))));
  EXPECT_EQ(code_of(client_.get(scaled_objects, key("so"))), Code::not_found);
}

TEST_P(Contract, ATerminatingObjectIsToldAsAChangeAndThenAsGone) {
  const json::Value made =
      create(deployments, with_metadata(deployment_sample("web"), R"({"finalizers": ["a.b/c"]})"));
  const auto changes = watch(deployments, version_of(made));
  remove(deployments, "web");
  const auto meta = meta_from_json(get(deployments, "web"));
  EXPECT_TRUE(meta->deleted);
  EXPECT_EQ(meta->generation, 2);
  EXPECT_EQ(code_of(client_.create(deployments, ns_, deployment_sample("web"))),
            Code::already_exists);
  value_of(client_.json_patch(deployments, key("web"),
                              parsed(R"([{"op": "remove", "path": "/metadata/finalizers/0"}])")));
  EXPECT_EQ(next(*changes), "modified web");
  EXPECT_EQ(next(*changes), "removed web");
  EXPECT_FALSE(exists(deployments, "web"));
}

TEST_P(Contract, ATerminatingObjectTakesNoNewFinalizer) {
  create(deployments, with_metadata(deployment_sample("web"), R"({"finalizers": ["a.b/c"]})"));
  remove(deployments, "web");
  const Error error = error_of(client_.patch(
      deployments, key("web"), parsed(R"({"metadata": {"finalizers": ["a.b/c", "d.e/f"]}})")));
  EXPECT_EQ(error.code, Code::invalid);
  EXPECT_TRUE(
      error.what.starts_with("Deployment.apps \"web\" is invalid: metadata.finalizers: "
                             "Forbidden: no new finalizers can be added if the object is "
                             "being deleted"))
      << error.what;
  // It can still be written otherwise, and nobody can take back that it goes.
  const json::Value patched = value_of(
      client_.patch(deployments, key("web"), parsed(R"({"metadata": {"deletionTimestamp": null},
                                          "spec": {"replicas": 0}})")));
  EXPECT_TRUE(meta_from_json(patched)->deleted);
  value_of(client_.patch(deployments, key("web"), parsed(R"({"metadata": {"finalizers": []}})")));
  EXPECT_FALSE(exists(deployments, "web"));
}

TEST_P(Contract, ARemovalCanDemandTheObjectItMeans) {
  const auto meta = meta_from_json(create(deployments, deployment_sample("web")));
  const Error other = error_of(client_.remove(deployments, key("web"), {.uid = "another"}));
  EXPECT_EQ(other.code, Code::conflict);
  EXPECT_EQ(other.what,
            "Operation cannot be fulfilled on Deployment.apps \"web\": the UID in the precondition "
            "(another) does not match the UID in record (" +
                meta->uid + "). The object might have been deleted and then recreated");
  const Error older = error_of(client_.remove(deployments, key("web"), {.resource_version = "1"}));
  EXPECT_EQ(older.code, Code::conflict);
  EXPECT_EQ(older.what,
            "Operation cannot be fulfilled on Deployment.apps \"web\": the ResourceVersion in the "
            "precondition (1) does not match the ResourceVersion in record (" +
                meta->resource_version + "). The object might have been modified");
  EXPECT_TRUE(exists(deployments, "web"));
  remove(deployments, "web", {.uid = meta->uid, .resource_version = meta->resource_version});
  EXPECT_FALSE(exists(deployments, "web"));
}

// Deployments that own pods.
class OwnerContract : public Contract {
 protected:
  json::Value reference(const std::string& deployment, bool blocks = true) {
    const auto meta = meta_from_json(get(deployments, deployment));
    return json::Object{{"apiVersion", "apps/v1"},
                        {"kind", "Deployment"},
                        {"name", meta->name},
                        {"uid", meta->uid},
                        {"blockOwnerDeletion", blocks}};
  }
  void create_pod(const std::string& name, json::Array owners, std::string_view members = "{}") {
    json::Value pod = with_metadata(pod_sample(name), members);
    pod.get_object()["metadata"].get_object()["ownerReferences"] = std::move(owners);
    create(pods, pod);
  }
  std::vector<std::string> owners_of(const std::string& pod) {
    std::vector<std::string> names;
    const auto got = run(client_.get(pods, key(pod)));
    if (!got) return names;
    for (const OwnerReference& owner : meta_from_json(*got)->owners) names.push_back(owner.name);
    return names;
  }
  bool eventually_gone(const Resource& resource, const std::string& name) {
    return eventually([&] { return !exists(resource, name); });
  }
  void let_go(const Resource& resource, const std::string& name) {
    value_of(client_.patch(resource, key(name), parsed(R"({"metadata": {"finalizers": null}})")));
  }
};

TEST_P(OwnerContract, WhatAnObjectOwnedGoesAfterIt) {
  create(deployments, deployment_sample("web"));
  create_pod("owned", {reference("web")});
  create(pods, pod_sample("free"));
  remove(deployments, "web");
  EXPECT_FALSE(exists(deployments, "web"));
  EXPECT_TRUE(eventually_gone(pods, "owned"));
  EXPECT_TRUE(exists(pods, "free"));
}

TEST_P(OwnerContract, WhatTwoOwnStaysWithTheOther) {
  create(deployments, deployment_sample("one"));
  create(deployments, deployment_sample("two"));
  create_pod("shared", {reference("one"), reference("two")});
  remove(deployments, "one");
  EXPECT_TRUE(eventually([&] { return owners_of("shared") == std::vector<std::string>{"two"}; }));
  remove(deployments, "two");
  EXPECT_TRUE(eventually_gone(pods, "shared"));
}

TEST_P(OwnerContract, WhatNobodyOwnsAnyMoreWhenItIsMadeGoes) {
  create(deployments, deployment_sample("web"));
  const json::Value owner = reference("web");
  remove(deployments, "web");
  create_pod("late", {owner});
  EXPECT_TRUE(eventually_gone(pods, "late"));
}

TEST_P(OwnerContract, OrphansStay) {
  create(deployments, deployment_sample("web"));
  create_pod("owned", {reference("web")});
  remove(deployments, "web", {.propagation = Propagation::orphan});
  EXPECT_TRUE(eventually_gone(deployments, "web"));
  EXPECT_TRUE(exists(pods, "owned"));
  EXPECT_EQ(owners_of("owned"), std::vector<std::string>{});
}

TEST_P(OwnerContract, AnOwnerThatWaitsGoesLast) {
  create(deployments, deployment_sample("web"));
  create_pod("held", {reference("web")}, R"({"finalizers": ["a.b/c"]})");
  remove(deployments, "web", {.propagation = Propagation::foreground});
  const auto owner = meta_from_json(get(deployments, "web"));
  EXPECT_TRUE(owner->deleted);
  EXPECT_EQ(owner->finalizers, std::vector<std::string>{"foregroundDeletion"});
  EXPECT_TRUE(eventually([&] { return meta_from_json(get(pods, "held"))->deleted.has_value(); }));
  EXPECT_TRUE(exists(deployments, "web"));
  let_go(pods, "held");
  EXPECT_TRUE(eventually_gone(deployments, "web"));
  EXPECT_FALSE(exists(pods, "held"));
}

TEST_P(OwnerContract, AnOwnerWaitsOnlyForWhatSaysSo) {
  create(deployments, deployment_sample("web"));
  create_pod("held", {reference("web", false)}, R"({"finalizers": ["a.b/c"]})");
  remove(deployments, "web", {.propagation = Propagation::foreground});
  EXPECT_TRUE(eventually_gone(deployments, "web"));
  EXPECT_TRUE(eventually([&] { return meta_from_json(get(pods, "held"))->deleted.has_value(); }));
  let_go(pods, "held");
}

TEST_P(Contract, RemovingANamespaceRemovesWhatIsInIt) {
  const std::string ns = ns_ + "-inner";
  ASSERT_TRUE(run(client_.create(namespaces, "", namespace_sample(ns))));
  ASSERT_TRUE(run(client_.create(deployments, ns, deployment_sample("web"))));
  ASSERT_TRUE(run(client_.remove(namespaces, {"", ns})));
  if (!real_answer(Difference::namespaces_going)) {
    EXPECT_EQ(code_of(client_.get(namespaces, {"", ns})), Code::not_found);
  }
  EXPECT_TRUE(eventually([&] { return run(client_.list(deployments, ns))->items.empty(); }));
  EXPECT_TRUE(eventually([&] { return !run(client_.get(namespaces, {"", ns})); }));
}

}  // namespace kube::testing
