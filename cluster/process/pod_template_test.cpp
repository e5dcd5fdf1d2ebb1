#include "cluster/process/pod_template.h"

#include <gtest/gtest.h>

namespace cluster::process {
namespace {

json::Value deployment(std::string_view pod_template) {
  json::Value out = json::parse(R"({"metadata":{"name":"web","namespace":"shop","uid":"u1",
                                    "generation":4},"spec":{"replicas":2}})")
                        .value();
  out.get_object()["spec"].get_object()["template"] = json::parse(pod_template).value();
  return out;
}

constexpr std::string_view simple =
    R"({"metadata":{"labels":{"app":"web"},"annotations":{"a":"b"}},
        "spec":{"containers":[{"name":"c","command":["x"],"resources":{"limits":{"cpu":"1"}}}]}})";

TEST(TemplateHash, DependsOnContentAlone) {
  struct Case {
    const char* name;
    const char* pod_template;
    bool same;
  };
  const Case cases[] = {
      {"other order of members", R"({"spec":{"b":[1,{"y":2,"x":1}],"a":1},"metadata":{}})", true},
      {"other value", R"({"metadata":{},"spec":{"a":2,"b":[1,{"x":1,"y":2}]}})", false},
      {"other order of items", R"({"metadata":{},"spec":{"a":1,"b":[{"x":1,"y":2},1]}})", false},
      {"one member more", R"({"metadata":{"n":1},"spec":{"a":1,"b":[1,{"x":1,"y":2}]}})", false},
  };
  const auto hash =
      template_hash(deployment(R"({"metadata":{},"spec":{"a":1,"b":[1,{"x":1,"y":2}]}})"));
  EXPECT_EQ(hash.size(), 16u);
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(template_hash(deployment(c.pod_template)) == hash, c.same);
  }
}

TEST(PodFromTemplate, CarriesTheTemplateItsOwnerAndTheFinalizer) {
  const auto object = deployment(simple);
  const auto parsed = kube::deployment_from_json(object).value();
  const auto made = pod_from_template(object, parsed, "web-abc12");
  const auto pod = kube::pod_from_json(made).value();
  EXPECT_EQ(pod.meta.key(), (kube::Key{"shop", "web-abc12"}));
  EXPECT_EQ(pod.meta.labels.at("app"), "web");
  EXPECT_EQ(pod.meta.labels.at("pod-template-hash"), template_hash(object));
  EXPECT_EQ(pod.meta.annotations.at("a"), "b");
  EXPECT_EQ(pod.meta.finalizers, std::vector<std::string>{std::string(pod_finalizer)});
  ASSERT_EQ(pod.meta.owners.size(), 1u);
  EXPECT_EQ(pod.meta.owners[0], (kube::OwnerReference{"apps/v1", "Deployment", "web", "u1", true}));
  EXPECT_EQ(*json::find(made, "spec"), *json::find(object, "spec", "template", "spec"));
}

TEST(StrategyOf, RollsUnlessToldToRecreate) {
  json::Value object = deployment(simple);
  EXPECT_EQ(strategy_of(object), Strategy::rolling);
  object.get_object()["spec"].get_object()["strategy"] = json::Object{{"type", "Recreate"}};
  EXPECT_EQ(strategy_of(object), Strategy::recreate);
  EXPECT_EQ(strategy_of(nullptr), Strategy::rolling);
}

TEST(DeploymentStatus, CountsPods) {
  struct Case {
    const char* name;
    std::vector<PodView> pods;
    kube::DeploymentStatus want;
    const char* available;
    const char* progressing;
  };
  const PodView ready{.ready = true};
  const PodView starting{};
  const PodView old_ready{.fresh = false, .ready = true};
  const PodView stopping{.ready = true, .stopping = true};
  const Case cases[] = {
      {"none", {}, {4, 0, 0, 0, 0, 2}, "False", "ReplicaSetUpdated"},
      {"all ready", {ready, ready}, {4, 2, 2, 2, 2, 0}, "True", "NewReplicaSetAvailable"},
      {"one starts", {ready, starting}, {4, 2, 2, 1, 1, 1}, "False", "ReplicaSetUpdated"},
      {"an old one", {ready, old_ready}, {4, 2, 1, 2, 2, 0}, "True", "ReplicaSetUpdated"},
      {"stopping", {ready, stopping}, {4, 1, 1, 1, 1, 1}, "False", "ReplicaSetUpdated"},
  };
  const auto parsed = kube::deployment_from_json(deployment(simple)).value();
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    auto got = deployment_status(parsed, c.pods, "");
    EXPECT_EQ(kube::find_condition(got.conditions, "Available")->status, c.available);
    EXPECT_EQ(kube::find_condition(got.conditions, "Progressing")->reason, c.progressing);
    EXPECT_EQ(kube::find_condition(got.conditions, "ReplicaFailure"), nullptr);
    got.conditions.clear();
    EXPECT_EQ(got, c.want);
  }
}

TEST(DeploymentStatus, SaysWhyPodsCannotBeMade) {
  const auto parsed = kube::deployment_from_json(deployment(simple)).value();
  const auto status = deployment_status(parsed, {}, "no room");
  EXPECT_EQ(kube::find_condition(status.conditions, "ReplicaFailure")->message, "no room");
}

}  // namespace
}  // namespace cluster::process
