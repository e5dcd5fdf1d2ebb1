#include "cluster/autoscaling/pod_view.h"

#include <gtest/gtest.h>

namespace cluster::autoscaling {
namespace {

namespace hpa = scale::hpa;

hpa::Pod view(std::string_view text) {
  return pod_view(json::parse(text).value());
}

TEST(PodView, ReadsWhatTheAlgorithmLooksAt) {
  const hpa::Pod pod = view(R"({
    "metadata": {"name": "web-1", "deletionTimestamp": "2026-01-01T00:00:00Z"},
    "spec": {
      "resources": {"requests": {"memory": "1Gi"}},
      "containers": [{"name": "main", "resources": {"requests": {"cpu": "250m", "memory": 64}}},
                     {"name": "plain"}],
      "initContainers": [{"name": "proxy", "restartPolicy": "Always",
                          "resources": {"requests": {"cpu": "1"}}}]},
    "status": {"phase": "Running", "startTime": "1970-01-01T00:01:00Z",
      "conditions": [{"type": "PodScheduled", "status": "True"},
                     {"type": "Ready", "status": "False",
                      "lastTransitionTime": "1970-01-01T00:02:00Z"}]}})");
  EXPECT_EQ(pod.name, "web-1");
  EXPECT_TRUE(pod.deleted);
  EXPECT_EQ(pod.phase, hpa::Phase::running);
  EXPECT_EQ(pod.started, (Timestamp{60'000'000'000}));
  ASSERT_TRUE(pod.ready);
  EXPECT_EQ(pod.ready->status, hpa::Readiness::Status::no);
  EXPECT_EQ(pod.ready->since, (Timestamp{120'000'000'000}));
  EXPECT_EQ(pod.requests, (hpa::Amounts{{"memory", 1'073'741'824'000}}));
  ASSERT_EQ(pod.containers.size(), 2u);
  EXPECT_EQ(pod.containers[0].requests, (hpa::Amounts{{"cpu", 250}, {"memory", 64'000}}));
  EXPECT_TRUE(pod.containers[1].requests.empty());
  ASSERT_EQ(pod.init_containers.size(), 1u);
  EXPECT_TRUE(pod.init_containers[0].restart_always);
}

TEST(PodView, WhatIsMissingOrWrongReadsAsAbsent) {
  const char* const texts[] = {"null", "[]", "{}", R"({"metadata": 1, "spec": [], "status": "x"})",
                               R"({"status": {"phase": 7, "startTime": "soon", "conditions": {}},
          "spec": {"containers": {}, "resources": {"requests": {"cpu": "much"}}}})"};
  for (const char* text : texts) {
    SCOPED_TRACE(text);
    const hpa::Pod pod = view(text);
    EXPECT_EQ(pod.name, "");
    EXPECT_EQ(pod.phase, hpa::Phase::unknown);
    EXPECT_FALSE(pod.ready);
    EXPECT_FALSE(pod.started);
    EXPECT_TRUE(pod.containers.empty());
    EXPECT_TRUE(pod.requests.empty());
  }
}

TEST(PodView, ReadinessThatIsNeitherTrueNorFalseIsUnknown) {
  const hpa::Pod pod = view(R"({"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}})");
  EXPECT_EQ(pod.ready->status, hpa::Readiness::Status::unknown);
}

}  // namespace
}  // namespace cluster::autoscaling
