#pragma once

// What we rely on in a Kubernetes API, asked through kube::Client alone: the embedded cluster and a
// real API server must both pass. Include it in one test file and instantiate it:
//
//   INSTANTIATE_TEST_SUITE_P(Embedded, Contract, ::testing::Values(&make_my_cluster));

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/task.h"
#include "kube/client.h"
#include "kube/events.h"
#include "kube/scaled_object.h"
#include "kube/testing/await.h"
#include "kube/testing/samples.h"
#include "kube/types.h"

namespace kube::testing {

// An API to ask; a test owns one.
class TestCluster {
 public:
  virtual ~TestCluster() = default;
  virtual base::Loop& loop() = 0;
  virtual Transport& transport() = 0;
};

using MakeCluster = std::unique_ptr<TestCluster> (*)();

// Every test works in a namespace of its own, so that a shared server does not mind them.
class Contract : public ::testing::TestWithParam<MakeCluster> {
 protected:
  Contract() : cluster_(GetParam()()), client_(cluster_->transport()) {
    ns_ = "contract-" + base::Random().name_suffix(8);
    EXPECT_TRUE(run(client_.create(namespaces, "", namespace_sample(ns_))));
  }
  ~Contract() override { (void)run(client_.remove(namespaces, {"", ns_})); }

  template <class T>
  T run(Task<T> task) {
    return await(cluster_->loop(), std::move(task));
  }

  Key key(std::string name) const { return {ns_, std::move(name)}; }

  json::Value create(const Resource& resource, json::Value object) {
    auto made = run(client_.create(resource, ns_, std::move(object)));
    EXPECT_TRUE(made) << made.error().what;
    return made.value_or(json::Value{});
  }
  json::Value get(const Resource& resource, const std::string& name) {
    auto got = run(client_.get(resource, key(name)));
    EXPECT_TRUE(got) << got.error().what;
    return got.value_or(json::Value{});
  }
  Code code_of(Task<Result<json::Value>> task) {
    auto answer = run(std::move(task));
    EXPECT_FALSE(answer);
    return answer ? Code::internal : answer.error().code;
  }
  std::unique_ptr<Watch> watch(const Resource& resource, std::string version = {}) {
    auto opened = run(client_.watch(resource, std::move(version)));
    EXPECT_TRUE(opened);
    return opened ? std::move(*opened) : nullptr;
  }
  // The next change in this test's namespace, as "added name".
  std::string next(Watch& watch) {
    for (;;) {
      auto event = run(watch.next());
      if (!event) return event.error().what;
      const Key changed = key_of(event->object);
      if (changed.ns != ns_) continue;
      const char* names[] = {"added", "modified", "removed"};
      return std::string(names[static_cast<int>(event->type)]) + " " + changed.name;
    }
  }

  std::unique_ptr<TestCluster> cluster_;
  Client client_;
  std::string ns_;
};

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

TEST_P(Contract, FailuresHaveTheirCodes) {
  create(deployments, deployment_sample("web"));
  json::Value nameless = deployment_sample("web");
  nameless.get_object()["metadata"] = json::Object{};
  json::Value versioned = deployment_sample("other");
  versioned.get_object()["metadata"].get_object()["resourceVersion"] = "1";
  json::Value negative = deployment_sample("other", -1);
  const Resource unknown{"example.com", "v1", "gadgets", "Gadget", true};

  EXPECT_EQ(code_of(client_.get(deployments, key("absent"))), Code::not_found);
  EXPECT_EQ(code_of(client_.get(unknown, key("web"))), Code::not_found);
  EXPECT_EQ(code_of(client_.create(deployments, ns_, deployment_sample("web"))),
            Code::already_exists);
  EXPECT_EQ(code_of(client_.create(deployments, "no-such-namespace", deployment_sample("web"))),
            Code::not_found);
  EXPECT_EQ(code_of(client_.create(deployments, ns_, nameless)), Code::invalid);
  EXPECT_EQ(code_of(client_.create(deployments, ns_, versioned)), Code::invalid);
  EXPECT_EQ(code_of(client_.create(deployments, ns_, negative)), Code::invalid);
  EXPECT_EQ(code_of(client_.create(deployments, ns_, deployment_sample("Not_A_Name"))),
            Code::invalid);
  EXPECT_EQ(code_of(client_.update(deployments, key("absent"), deployment_sample("absent"))),
            Code::not_found);
  EXPECT_EQ(code_of(client_.update(deployments, key("web"), deployment_sample("other"))),
            Code::invalid);
  EXPECT_EQ(code_of(client_.patch(deployments, key("absent"), json::Object{})), Code::not_found);
  EXPECT_EQ(run(client_.remove(deployments, key("absent"))).error().code, Code::not_found);
  EXPECT_EQ(run(client_.replicas(scaled_objects, key("web"))).error().code, Code::not_found);
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
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().what.find("minReplicaCount must be less than or equal to maxReplicaCount"),
            std::string::npos)
      << made.error().what;
}

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

TEST_P(Contract, ListsGiveOneNamespaceSortedByName) {
  create(deployments, deployment_sample("b"));
  create(deployments, deployment_sample("a"));
  const auto listed = run(client_.list(deployments, ns_));
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->items.size(), 2u);
  EXPECT_EQ(meta_text(listed->items[0], "name"), "a");
  EXPECT_EQ(meta_text(listed->items[1], "name"), "b");
  EXPECT_FALSE(listed->resource_version.empty());
  const auto everywhere = run(client_.list(deployments));
  ASSERT_TRUE(everywhere);
  EXPECT_GE(everywhere->items.size(), 2u);
}

TEST_P(Contract, AWatchTellsEveryChangeInOrder) {
  create(deployments, deployment_sample("before"));
  const auto listed = run(client_.list(deployments));
  const auto changes = watch(deployments, listed->resource_version);
  create(deployments, deployment_sample("a"));
  create(pods, pod_sample("of-another-kind"));
  ASSERT_TRUE(run(client_.set_replicas(deployments, key("a"), 3)));
  create(deployments, deployment_sample("b"));
  ASSERT_TRUE(run(client_.remove(deployments, key("a"))));
  EXPECT_EQ(next(*changes), "added a");
  EXPECT_EQ(next(*changes), "modified a");
  EXPECT_EQ(next(*changes), "added b");
  EXPECT_EQ(next(*changes), "removed a");
}

TEST_P(Contract, AWatchFromTheBeginningStartsWithWhatIsThere) {
  create(deployments, deployment_sample("a"));
  create(deployments, deployment_sample("b"));
  const auto changes = watch(deployments);
  EXPECT_EQ(next(*changes), "added a");
  EXPECT_EQ(next(*changes), "added b");
  ASSERT_TRUE(run(client_.remove(deployments, key("b"))));
  EXPECT_EQ(next(*changes), "removed b");
}

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

TEST_P(Contract, ApplyMakesAndChangesAnObject) {
  auto applied = run(client_.apply(deployments, key("web"), deployment_sample("web", 2), "loader"));
  ASSERT_TRUE(applied) << applied.error().what;
  EXPECT_EQ(deployment_from_json(*applied)->replicas, 2);
  applied = run(client_.apply(deployments, key("web"), deployment_sample("web", 3), "loader"));
  ASSERT_TRUE(applied) << applied.error().what;
  EXPECT_EQ(deployment_from_json(*applied)->replicas, 3);
}

TEST_P(Contract, AFieldThatItsManagerNoLongerStatesGoes) {
  json::Value object = deployment_sample("web");
  object.get_object()["metadata"].get_object()["labels"] = json::Object{{"a", "1"}, {"b", "2"}};
  ASSERT_TRUE(run(client_.apply(deployments, key("web"), object, "loader")));
  ASSERT_TRUE(run(
      client_.patch(deployments, key("web"), parsed(R"({"metadata":{"labels":{"other":"x"}}})"))));
  object.get_object()["metadata"].get_object()["labels"] = json::Object{{"b", "2"}};
  auto applied = run(client_.apply(deployments, key("web"), object, "loader"));
  ASSERT_TRUE(applied) << applied.error().what;
  EXPECT_EQ(meta_from_json(*applied)->labels, (TextMap{{"b", "2"}, {"other", "x"}}));
}

TEST_P(Contract, AFieldThatTwoManagersStateStaysUntilBothDropIt) {
  json::Value object = deployment_sample("web");
  object.get_object()["metadata"].get_object()["labels"] = json::Object{{"shared", "1"}};
  ASSERT_TRUE(run(client_.apply(deployments, key("web"), object, "one")));
  ASSERT_TRUE(run(client_.apply(deployments, key("web"), object, "two")));
  object.get_object()["metadata"].get_object().erase("labels");
  ASSERT_TRUE(run(client_.apply(deployments, key("web"), object, "one")));
  EXPECT_EQ(meta_from_json(get(deployments, "web"))->labels, (TextMap{{"shared", "1"}}));
  ASSERT_TRUE(run(client_.apply(deployments, key("web"), object, "two")));
  EXPECT_EQ(meta_from_json(get(deployments, "web"))->labels, TextMap{});
}

TEST_P(Contract, ScaledReplicasSurviveAnApplyThatDoesNotStateThem) {
  ASSERT_TRUE(run(client_.apply(deployments, key("web"), deployment_sample("web", 1), "loader")));
  ASSERT_TRUE(run(client_.set_replicas(deployments, key("web"), 6)));
  json::Value object = deployment_sample("web");
  object.get_object()["spec"].get_object().erase("replicas");
  auto applied = run(client_.apply(deployments, key("web"), object, "loader"));
  ASSERT_TRUE(applied) << applied.error().what;
  EXPECT_EQ(deployment_from_json(*applied)->replicas, 6);
}

TEST_P(Contract, AppliedEnvironmentIsJoinedByName) {
  json::Value object = deployment_sample("web");
  const auto container = [](json::Value& deployment) -> json::Object& {
    return deployment.at_pointer("/spec/template/spec/containers/0").get_object();
  };
  container(object)["env"] = parsed(R"([{"name":"A","value":"1"},{"name":"B","value":"2"}])");
  ASSERT_TRUE(run(client_.apply(deployments, key("web"), object, "loader")));
  container(object)["env"] = parsed(R"([{"name":"C","value":"3"},{"name":"B","value":"4"}])");
  auto applied = run(client_.apply(deployments, key("web"), object, "loader"));
  ASSERT_TRUE(applied) << applied.error().what;
  const auto env = deployment_from_json(*applied)->pod_template.spec.containers.at(0).env;
  ASSERT_EQ(env.size(), 2u);
  for (const EnvVar& variable : env) {
    EXPECT_EQ(variable.value, variable.name == "B" ? "4" : "3") << variable.name;
  }
}

TEST_P(Contract, RemovingANamespaceRemovesWhatIsInIt) {
  const std::string ns = ns_ + "-inner";
  ASSERT_TRUE(run(client_.create(namespaces, "", namespace_sample(ns))));
  ASSERT_TRUE(run(client_.create(deployments, ns, deployment_sample("web"))));
  ASSERT_TRUE(run(client_.remove(namespaces, {"", ns})));
  // A real server does so in the background.
  for (int i = 0; i < 1000; ++i) {
    if (run(client_.list(deployments, ns))->items.empty()) return;
  }
  FAIL() << "the deployment is still there";
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
