#pragma once

// Server-side apply.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "kube/scaled_object.h"
#include "kube/testing/contract/fixture.h"
#include "kube/types.h"

namespace kube::testing {

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

TEST_P(Contract, AnApplyThatGivesWayIsAConflict) {
  value_of(client_.apply(deployments, key("web"), deployment_sample("web", 2), "one"));
  const json::Value before = get(deployments, "web");
  const auto two = [&](int replicas, Conflicts conflicts) {
    return client_.apply(deployments, key("web"), deployment_sample("web", replicas), "two",
                         conflicts);
  };
  const Error error = error_of(two(3, Conflicts::refuse));
  EXPECT_EQ(error.code, Code::conflict);
  EXPECT_EQ(error.what, "Apply failed with 1 conflict: conflict with \"one\": .spec.replicas");
  EXPECT_EQ(get(deployments, "web"), before);
  // The same value is no conflict, and then both state it.
  value_of(two(2, Conflicts::refuse));
  EXPECT_EQ(code_of(two(4, Conflicts::refuse)), Code::conflict);
  EXPECT_EQ(deployment_from_json(value_of(two(4, Conflicts::take_over)))->replicas, 4);
  // What was taken over is theirs alone.
  EXPECT_EQ(deployment_from_json(value_of(two(5, Conflicts::refuse)))->replicas, 5);
}

TEST_P(Contract, AnApplyOverAWriteOfAnotherKindAsksOnlyWhereItIsRecorded) {
  value_of(client_.apply(deployments, key("web"), deployment_sample("web", 2), "one"));
  ASSERT_TRUE(run(client_.set_replicas(deployments, key("web"), 5)));
  const auto applied = run(client_.apply(deployments, key("web"), deployment_sample("web", 2),
                                         "one", Conflicts::refuse));
  if (real_answer(Difference::field_managers)) {
    ASSERT_FALSE(applied);
    EXPECT_EQ(applied.error().code, Code::conflict);
  } else {
    ASSERT_TRUE(applied) << applied.error().what;
    EXPECT_EQ(deployment_from_json(*applied)->replicas, 2);
  }
}

TEST_P(Contract, AnApplyThatMakesNoSenseIsRefused) {
  create(deployments, deployment_sample("web"));
  struct Case {
    const char* name;
    json::Value object;
    const char* manager;
    Code want;
  };
  json::Value managed = deployment_sample("web");
  managed.get_object()["metadata"].get_object()["managedFields"] =
      parsed(R"([{"manager": "x", "operation": "Apply", "apiVersion": "apps/v1",
                  "fieldsType": "FieldsV1", "fieldsV1": {}}])");
  const Case cases[] = {
      {"no manager", deployment_sample("web"), "", Code::invalid},
      {"another name", deployment_sample("other"), "one", Code::invalid},
      {"managed fields", managed, "one", Code::invalid},
      {"not valid", deployment_sample("web", -1), "one", Code::invalid},
      {"another version", with_metadata(deployment_sample("web"), R"({"resourceVersion": "1"})"),
       "one", Code::conflict},
      {"another uid", with_metadata(deployment_sample("web"), R"({"uid": "another"})"), "one",
       Code::invalid},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Error error = error_of(client_.apply(deployments, key("web"), c.object, c.manager));
    EXPECT_EQ(base::code_row(error.code).name, base::code_row(c.want).name) << error.what;
  }
}

TEST_P(Contract, AnAppliedCustomResourceIsLikeAnyOther) {
  value_of(client_.apply(scaled_objects, key("so"), scaled_object_sample("so", "web"), "one"));
  json::Value object = scaled_object_sample("so", "web");
  object.get_object()["spec"].get_object()["maxReplicaCount"] = 7;
  json::Value applied = value_of(client_.apply(scaled_objects, key("so"), object, "one"));
  EXPECT_EQ(scaled_object_from_json(applied)->spec.max_replica_count, 7);
  EXPECT_EQ(generation_of(applied), 2);
  const std::string version = version_of(applied);
  applied = value_of(client_.apply(scaled_objects, key("so"), object, "one"));
  EXPECT_EQ(version_of(applied), version);
}

}  // namespace kube::testing
