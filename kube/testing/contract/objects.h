#pragma once

// Making objects, and what is said when it cannot be done.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "kube/events.h"
#include "kube/scaled_object.h"
#include "kube/testing/contract/fixture.h"
#include "kube/types.h"

namespace kube::testing {

TEST_P(Contract, CreatedObjectsCarryWhatTheServerAdds) {
  const json::Value made = create(deployments, deployment_sample("web"));
  const auto meta = meta_from_json(made);
  ASSERT_TRUE(meta) << meta.error().what;
  EXPECT_EQ(meta->key(), key("web"));
  EXPECT_FALSE(meta->uid.empty());
  EXPECT_FALSE(meta->resource_version.empty());
  EXPECT_EQ(meta->generation, 1);
  EXPECT_TRUE(meta->created);
  EXPECT_EQ(get(deployments, "web"), made);
}

TEST_P(Contract, ReplicasDefaultToOne) {
  json::Value object = deployment_sample("web");
  object.get_object()["spec"].get_object().erase("replicas");
  EXPECT_EQ(deployment_from_json(create(deployments, object))->replicas, 1);
}

TEST_P(Contract, NamesCanBeGenerated) {
  json::Value object = pod_sample("");
  object.get_object()["metadata"] = json::Object{{"generateName", "web-"}};
  const std::string first = meta_text(create(pods, object), "name");
  const std::string second = meta_text(create(pods, object), "name");
  EXPECT_TRUE(first.starts_with("web-"));
  EXPECT_NE(first, second);
}

// A kind that nobody has. A client's requests keep a reference to it until they are answered.
inline constexpr Resource gadgets{"example.com", "v1", "gadgets", "Gadget", true};

// One request that fails, on a namespace that holds the deployment "web".
struct Failure {
  const char* name;
  std::function<Task<Result<json::Value>>(Client&, const std::string& ns)> ask;
  Code code;
  std::string_view begins;  // the words at the beginning of the message
  std::string_view holds;   // and words that follow somewhere
};

inline json::Value nameless_sample() {
  json::Value object = deployment_sample("x");
  object.get_object()["metadata"] = json::Object{};
  return object;
}

inline const Failure failures[] = {
    {"get what is not there",
     [](Client& c, const std::string& ns) { return c.get(deployments, {ns, "absent"}); },
     Code::not_found, "deployments.apps \"absent\" not found", ""},
    {"get of the core group",
     [](Client& c, const std::string& ns) { return c.get(pods, {ns, "absent"}); }, Code::not_found,
     "pods \"absent\" not found", ""},
    {"get of an unknown kind",
     [](Client& c, const std::string& ns) { return c.get(gadgets, {ns, "web"}); }, Code::not_found,
     "", ""},
    {"create what is there",
     [](Client& c, const std::string& ns) {
       return c.create(deployments, ns, deployment_sample("web"));
     },
     Code::already_exists, "deployments.apps \"web\" already exists", ""},
    {"create in a namespace that is not there",
     [](Client& c, const std::string&) {
       return c.create(deployments, "no-such-namespace", deployment_sample("web"));
     },
     Code::not_found, "namespaces \"no-such-namespace\" not found", ""},
    {"create without a name",
     [](Client& c, const std::string& ns) { return c.create(deployments, ns, nameless_sample()); },
     Code::invalid,
     "Deployment.apps \"\" is invalid: metadata.name: ", "name or generateName is required"},
    {"create with a negative count",
     [](Client& c, const std::string& ns) {
       return c.create(deployments, ns, deployment_sample("other", -1));
     },
     Code::invalid,
     "Deployment.apps \"other\" is invalid: spec.replicas: ", "must be greater than or equal to 0"},
    {"create with a name that is none",
     [](Client& c, const std::string& ns) {
       return c.create(deployments, ns, deployment_sample("Not_A_Name"));
     },
     Code::invalid, "Deployment.apps \"Not_A_Name\" is invalid: metadata.name: ", ""},
    {"create with another namespace's object",
     [](Client& c, const std::string& ns) {
       return c.create(deployments, ns,
                       with_metadata(deployment_sample("other"), R"({"namespace": "default"})"));
     },
     Code::invalid, "the namespace of the provided object does not match the namespace sent on",
     ""},
    {"create another kind of object",
     [](Client& c, const std::string& ns) { return c.create(deployments, ns, pod_sample("p")); },
     Code::invalid, "", ""},
    {"update what is not there",
     [](Client& c, const std::string& ns) {
       return c.update(deployments, {ns, "absent"}, deployment_sample("absent"));
     },
     Code::not_found, "deployments.apps \"absent\" not found", ""},
    {"update with another name",
     [](Client& c, const std::string& ns) {
       return c.update(deployments, {ns, "web"}, deployment_sample("other"));
     },
     Code::invalid, "the name of the object (other) does not match the name on the URL (web)", ""},
    {"patch what is not there",
     [](Client& c, const std::string& ns) {
       return c.patch(deployments, {ns, "absent"}, json::Object{});
     },
     Code::not_found, "deployments.apps \"absent\" not found", ""},
    {"patch into what is not valid",
     [](Client& c, const std::string& ns) {
       return c.patch(deployments, {ns, "web"}, parsed(R"({"spec": {"replicas": -1}})"));
     },
     Code::invalid, "Deployment.apps \"web\" is invalid: spec.replicas: ", ""},
    {"patch a number into a text",
     [](Client& c, const std::string& ns) {
       return c.patch(deployments, {ns, "web"}, parsed(R"({"metadata": {"labels": {"a": 1}}})"));
     },
     Code::invalid, "", ""},
    {"scale what has no scale",
     [](Client& c, const std::string& ns) {
       return c.patch(pods, {ns, "web"}, json::Object{}, "scale");
     },
     Code::not_found, "", ""},
};

TEST_P(Contract, FailuresHaveTheirCodesAndWords) {
  create(deployments, deployment_sample("web"));
  for (const Failure& failure : failures) {
    SCOPED_TRACE(failure.name);
    const Error error = error_of(failure.ask(client_, ns_));
    EXPECT_EQ(base::code_row(error.code).name, base::code_row(failure.code).name) << error.what;
    EXPECT_TRUE(error.what.starts_with(failure.begins)) << error.what;
    EXPECT_NE(error.what.find(failure.holds), std::string::npos) << error.what;
  }
  EXPECT_EQ(code_of(client_.remove(deployments, key("absent"))), Code::not_found);
  EXPECT_EQ(code_of(client_.remove(namespaces, {"", "default"})), Code::denied);
}

TEST_P(Contract, AnObjectThatIsMadeHasNoVersionYet) {
  const Error error = error_of(client_.create(
      deployments, ns_, with_metadata(deployment_sample("other"), R"({"resourceVersion": "1"})")));
  EXPECT_EQ(error.code,
            real_answer(Difference::wrong_versions) ? Code::unavailable : Code::invalid);
  EXPECT_EQ(error.what, "resourceVersion should not be set on objects to be created");
}

TEST_P(Contract, UnquotedNumbersInTriggerMetadataAreRefused) {
  json::Value object = scaled_object_sample("so", "web");
  json::merge_patch(object, parsed(R"({"spec": {"triggers": [
      {"type": "cron", "metadata": {"desiredReplicas": 5}}]}})"));
  auto made = run(client_.create(scaled_objects, ns_, object));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::invalid);
  EXPECT_NE(made.error().what.find("spec.triggers[0].metadata.desiredReplicas"), std::string::npos)
      << made.error().what;
}

TEST_P(Contract, MinimumAboveMaximumIsRefusedInKedasWords) {
  json::Value object = scaled_object_sample("so", "web");
  json::merge_patch(object, parsed(R"({"spec": {"minReplicaCount": 5, "maxReplicaCount": 3}})"));
  auto made = run(client_.create(scaled_objects, ns_, object));
  if (real_answer(Difference::scaled_object_rules)) {
    EXPECT_TRUE(made) << made.error().what;
    return;
  }
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().what.find("minReplicaCount must be less than or equal to maxReplicaCount"),
            std::string::npos)
      << made.error().what;
}

TEST_P(Contract, AFieldThatTheKindDoesNotHaveIsNotKept) {
  json::Value object = deployment_sample("web");
  object.get_object()["spec"].get_object()["replica"] = 3;
  auto made = run(client_.create(deployments, ns_, object));
  EXPECT_EQ(made.has_value(), real_answer(Difference::unknown_fields));
  if (made) EXPECT_EQ(json::find(*made, "spec", "replica"), nullptr);
}

TEST_P(Contract, AContainerHasToSayWhatToRunWhereThereAreNoImages) {
  json::Value object = deployment_sample("web");
  object.at_pointer("/spec/template/spec/containers/0").get_object().erase("command");
  auto made = run(client_.create(deployments, ns_, object));
  EXPECT_EQ(made.has_value(), real_answer(Difference::no_command));
}

TEST_P(Contract, WhatAWorkloadDoesNotSayIsFilledIn) {
  const json::Value made = create(deployments, deployment_sample("web"));
  EXPECT_EQ(json::find(made, "spec", "strategy") != nullptr,
            real_answer(Difference::workload_defaults));
}

TEST_P(Contract, RecordedEventsAreFolded) {
  const auto meta = meta_from_json(create(deployments, deployment_sample("web")));
  const base::SystemClock clock;
  EventRecorder recorder(client_, clock, "tidewheel-test");
  const ObjectReference about = reference_to(deployments, *meta);
  for (int i = 0; i < 3; ++i) {
    const auto done = run(recorder.record(about, EventType::warning, "Broken", "it is broken"));
    ASSERT_TRUE(done) << done.error().what;
  }
  ASSERT_TRUE(run(recorder.record(about, EventType::normal, "Fixed", "it works")));
  const auto listed = run(client_.list(events, ns_));
  ASSERT_TRUE(listed);
  std::vector<std::string> lines;
  for (const json::Value& event : listed->items) {
    lines.push_back(json::text_at(event, "reason").value_or("") + " x" +
                    std::to_string(json::int_at(event, "count").value_or(0)));
  }
  std::ranges::sort(lines);
  EXPECT_EQ(lines, (std::vector<std::string>{"Broken x3", "Fixed x1"}));
}

}  // namespace kube::testing
