#include "kube/schema.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "kube/shape.h"
#include "kube/testing/samples.h"

namespace kube {
namespace {

using testing::parsed;

TEST(Schema, SamplesAreValid) {
  EXPECT_EQ(to_string(validate(namespaces, testing::namespace_sample("a"))), "");
  EXPECT_EQ(to_string(validate(deployments, testing::deployment_sample("a"))), "");
  EXPECT_EQ(to_string(validate(pods, testing::pod_sample("a"))), "");
  EXPECT_EQ(to_string(validate(scaled_objects, testing::scaled_object_sample("a", "b"))), "");
}

// The tables are read by eye and by find_field(); sorted, they cannot hold a field twice unseen.
void expect_sorted(const Shape& shape, const std::string& path) {
  EXPECT_TRUE(std::ranges::is_sorted(shape.fields, {}, &Field::name)) << path;
  for (const Field& field : shape.fields)
    expect_sorted(*field.shape, path + "." + std::string(field.name));
  if (shape.items != nullptr) expect_sorted(*shape.items, path + "[]");
}

TEST(Schema, TablesAreSorted) {
  for (const Resource& resource : all_resources()) {
    expect_sorted(shape_of(resource), std::string(resource.kind));
  }
}

TEST(Schema, ProblemsOfOneObjectAreBounded) {
  json::Value object = testing::namespace_sample("a");
  for (int i = 0; i < 1000; ++i) object.get_object()["x" + std::to_string(i)] = i;
  EXPECT_EQ(validate(namespaces, object).size(), 100u);
}

TEST(Schema, FieldsWithoutEffectAreListed) {
  json::Value object = testing::deployment_sample("a");
  json::merge_patch(object, parsed(R"({"spec": {
    "minReadySeconds": 5,
    "template": {"spec": {
      "nodeSelector": {"a": "b"},
      "restartPolicy": "Always",
      "containers": [
        {"name": "main", "command": ["x"], "image": "i", "workingDir": "/",
         "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                 {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]},
        {"name": "side", "command": ["y"]}]}}}})"));
  EXPECT_EQ(to_string(validate(deployments, object)), "");
  EXPECT_EQ(not_honoured(deployments, object),
            (std::vector<std::string>{
                "spec.minReadySeconds",
                "spec.template.spec.containers[0].env[0].valueFrom.secretKeyRef",
                "spec.template.spec.containers[0].image",
                "spec.template.spec.containers[1]",
                "spec.template.spec.nodeSelector",
            }));
  EXPECT_TRUE(not_honoured(scaled_objects, testing::scaled_object_sample("a", "b")).empty());
}

struct NameCase {
  std::string text;
  bool label;
  bool subdomain;
};

TEST(Names, FollowRfc1123) {
  const NameCase cases[] = {
      {"a", true, true},
      {"a-1", true, true},
      {"1a", true, true},
      {"a.b", false, true},
      {std::string(63, 'a'), true, true},
      {std::string(64, 'a'), false, true},
      {std::string(63, 'a') + "." + std::string(63, 'b'), false, true},
      {"", false, false},
      {"A", false, false},
      {"a_b", false, false},
      {"-a", false, false},
      {"a-", false, false},
      {"a..b", false, false},
      {".a", false, false},
      {"a.", false, false},
      {"ä", false, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(is_dns_label(c.text), c.label);
    EXPECT_EQ(is_dns_subdomain(c.text), c.subdomain);
  }
}

struct NearCase {
  const char* word;
  const char* want;
};

TEST(Names, TheNearestOfSeveralIsSuggested) {
  constexpr std::string_view known[] = {"command",         "args", "env", "maxReplicaCount",
                                        "minReplicaCount", "image"};
  const NearCase cases[] = {
      {"comand", "command"},
      {"Command", "command"},
      {"arg", "args"},
      {"maxReplicas", "maxReplicaCount"},
      {"minreplicacount", "minReplicaCount"},
      {"volume", ""},
      {"", ""},
      {"x", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.word);
    EXPECT_EQ(nearest(c.word, known), c.want);
  }
  EXPECT_EQ(nearest(std::string(1'000'000, 'x'), known), "");
}

}  // namespace
}  // namespace kube
