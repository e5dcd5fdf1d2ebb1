#include "cluster/loader.h"

#include <gtest/gtest.h>

#include <string>

#include "base/testing/fake_clock.h"
#include "cluster/api.h"
#include "kube/scaled_object.h"
#include "kube/testing/await.h"
#include "kube/testing/samples.h"
#include "kube/types.h"

namespace cluster {
namespace {

using kube::testing::await;
using kube::testing::parsed;

std::string deployment(const std::string& name, const std::string& replicas = {}) {
  return "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: " + name + "\nspec:\n" +
         (replicas.empty() ? std::string() : "  replicas: " + replicas + "\n") +
         "  selector: {matchLabels: {app: web}}\n"
         "  template:\n"
         "    metadata: {labels: {app: web}}\n"
         "    spec: {containers: [{name: main, command: [sleep, '1']}]}\n";
}

std::string scaled_object(const std::string& name, const std::string& target) {
  return "---\napiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata:\n  name: " + name +
         "\nspec:\n  scaleTargetRef: {name: " + target +
         "}\n  triggers: [{type: cron, metadata: {}}]\n";
}

std::string autoscaler(const std::string& name, const std::string& target) {
  return "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: " +
         name +
         "\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: " + target +
         "}\n  maxReplicas: 5\n";
}

std::string lines_of(const std::vector<kube::ManifestProblem>& problems) {
  std::string text;
  for (const auto& problem : problems) text += to_string(problem) + "\n";
  return text;
}

class LoaderTest : public ::testing::Test {
 protected:
  LoadResult load(const std::string& text) {
    Loader loader(client,
                  Log::to(base::LogLevel::info, base::LogFormat::text,
                          [this](std::string_view line) { log += std::string(line) + "\n"; }));
    return await(loop, loader.load(kube::parse_manifests(text, "a.yaml")));
  }
  // "applied unchanged removed", or the problems.
  std::string outcome(const std::string& text) {
    const LoadResult result = load(text);
    if (!result.problems.empty()) return lines_of(result.problems);
    return std::to_string(result.applied) + " " + std::to_string(result.unchanged) + " " +
           std::to_string(result.removed);
  }
  int replicas(const std::string& name) {
    return await(loop, client.replicas(kube::deployments, {"default", name})).value_or(-1);
  }
  void scale(const std::string& name, int to) {
    EXPECT_TRUE(await(loop, client.set_replicas(kube::deployments, {"default", name}, to)));
  }
  bool exists(const kube::Resource& resource, const std::string& name) {
    return await(loop, client.get(resource, {"default", name})).has_value();
  }

  base::Loop loop;
  base::testing::FakeClock clock;
  std::unique_ptr<Api> api = Api::open(nullptr, clock, Log{}).value();
  kube::Client client{*api};
  std::string log;
};

TEST_F(LoaderTest, MakesWhatIsStatedAndChangesNothingTheSecondTime) {
  const std::string text = scaled_object("so", "web") + deployment("web", "2");
  EXPECT_EQ(outcome(text), "2 0 0");
  EXPECT_EQ(replicas("web"), 2);
  EXPECT_EQ(outcome(text), "0 2 0");
  EXPECT_EQ(outcome(scaled_object("so", "web") + deployment("web", "3")), "1 1 0");
  EXPECT_EQ(replicas("web"), 3);
}

TEST_F(LoaderTest, RemovesWhatItMadeAndNobodyStatesAnyMore) {
  ASSERT_TRUE(await(loop, client.create(kube::deployments, "default",
                                        kube::testing::deployment_sample("by-hand"))));
  EXPECT_EQ(outcome(deployment("a") + deployment("b") + scaled_object("so", "b")), "3 0 0");
  EXPECT_EQ(outcome(deployment("a")), "0 1 2");
  EXPECT_TRUE(exists(kube::deployments, "a"));
  EXPECT_FALSE(exists(kube::deployments, "b"));
  EXPECT_FALSE(exists(kube::scaled_objects, "so"));
  EXPECT_TRUE(exists(kube::deployments, "by-hand"));
}

TEST_F(LoaderTest, NamespacesComeFirstAndTheDefaultOneStays) {
  const std::string ns = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ";
  std::string inner = deployment("web");
  inner.replace(inner.find("name: web"), 9, "name: web\n  namespace: shop");
  EXPECT_EQ(outcome(inner + ns + "shop}\n" + ns + "default}\n"), "3 0 0");
  EXPECT_TRUE(await(loop, client.get(kube::deployments, {"shop", "web"})));
  EXPECT_EQ(outcome(deployment("other")), "1 0 2");
  EXPECT_FALSE(await(loop, client.get(kube::deployments, {"shop", "web"})));
  EXPECT_EQ(
      outcome(inner),
      "a.yaml:6: metadata.namespace: there is no namespace \"shop\": state a Namespace object "
      "with this name\n");
}

struct ReplicasCase {
  const char* name;
  const char* first;   // replicas stated by the first load; empty: none
  int scaled_to;       // in between
  const char* second;  // replicas stated by the second load
  int want;
};

const ReplicasCase replicas_cases[] = {
    {"never stated", "", 5, "", 5},
    {"stated the same", "2", 5, "2", 5},
    {"stated the same, scaled to nothing", "2", 0, "2", 0},
    {"stated another number", "2", 5, "3", 3},
    {"stated for the first time", "", 5, "3", 3},
    {"no longer stated", "2", 5, "", 5},
    {"the same, and never scaled", "2", 2, "2", 2},
    {"no longer stated, and never scaled", "2", 2, "", 2},
};

TEST_F(LoaderTest, ReplicasOfAScaledDeploymentChangeOnlyWithTheirManifest) {
  for (const auto& c : replicas_cases) {
    SCOPED_TRACE(c.name);
    for (const auto& scaler : {scaled_object("so", "web"), autoscaler("hpa", "web")}) {
      EXPECT_EQ(load(deployment("web", c.first) + scaler).problems.size(), 0u);
      scale("web", c.scaled_to);
      EXPECT_EQ(load(deployment("web", c.second) + scaler).problems.size(), 0u);
      EXPECT_EQ(replicas("web"), c.want);
      EXPECT_EQ(load(deployment("web", c.second) + scaler).applied, 0u);
      EXPECT_EQ(replicas("web"), c.want);
      EXPECT_EQ(load("").removed, 2u);
    }
  }
}

TEST_F(LoaderTest, ReplicasOfADeploymentThatNothingScalesFollowTheManifest) {
  EXPECT_EQ(outcome(deployment("web", "2")), "1 0 0");
  scale("web", 5);
  EXPECT_EQ(outcome(deployment("web", "2")), "1 0 0");
  EXPECT_EQ(replicas("web"), 2);
}

TEST_F(LoaderTest, AScaledObjectMayTakeOverAWorkloadInOneLoad) {
  EXPECT_EQ(outcome(scaled_object("old", "web")), "1 0 0");
  EXPECT_EQ(outcome(scaled_object("new", "web")), "1 0 1");
  // "a" can have "second" only when "b" has left it.
  EXPECT_EQ(outcome(scaled_object("a", "first") + scaled_object("b", "second")), "2 0 1");
  EXPECT_EQ(outcome(scaled_object("a", "second") + scaled_object("b", "third")), "2 0 0");
}

struct RefusedCase {
  const char* name;
  std::string text;
  const char* problems;
};

TEST_F(LoaderTest, NothingChangesWhenAnythingIsWrong) {
  ASSERT_TRUE(await(loop, client.create(kube::scaled_objects, "default",
                                        kube::testing::scaled_object_sample("by-hand", "taken"))));
  EXPECT_EQ(outcome(deployment("stays")), "1 0 0");
  std::string without_command = deployment("a");
  without_command.replace(without_command.find(", command: [sleep, '1']"), 23, "");
  const RefusedCase cases[] = {
      {"a problem of the file", deployment("a") + "---\nkind: X\n",
       "a.yaml:12: apiVersion: required, a string\n"},
      {"a container without a command", deployment("b") + without_command,
       "a.yaml:20: spec.template.spec.containers[0].command: required: containers run as local "
       "processes here, and an image names none\n"},
      {"two on one workload",
       scaled_object("one", "web") + scaled_object("two", "web") + deployment("a"),
       "a.yaml:15: spec.scaleTargetRef: ScaledObject 'two': the workload 'web' of type "
       "'apps/v1.Deployment' is already managed by the ScaledObject 'one' (a.yaml:2)\n"},
      {"a workload that another one has", deployment("a") + scaled_object("one", "taken"),
       "a.yaml:17: spec.scaleTargetRef: the workload 'taken' of type 'apps/v1.Deployment' is "
       "already managed by the ScaledObject 'by-hand'\n"},
      {"a pod",
       deployment("a") + "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
                         "spec: {containers: [{name: main, command: [a]}]}\n",
       "a.yaml:13: kind: a Pod cannot be loaded from a manifest, only Namespaces, Deployments, "
       "ScaledObjects and HorizontalPodAutoscalers can\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(outcome(c.text), c.problems);
    EXPECT_TRUE(exists(kube::deployments, "stays"));
    EXPECT_FALSE(exists(kube::deployments, "a"));
    EXPECT_FALSE(exists(kube::deployments, "b"));
    EXPECT_FALSE(exists(kube::scaled_objects, "one"));
  }
}

TEST_F(LoaderTest, FieldsWithoutEffectAreLoggedOnce) {
  std::string text = deployment("web");
  text.replace(text.find("{name: main"), 11,
               "{name: main, image: 'x:1', ports: [{containerPort: 1}]");
  EXPECT_EQ(outcome(text), "1 0 0");
  EXPECT_NE(log.find("spec.template.spec.containers[0].image, "
                     "spec.template.spec.containers[0].ports"),
            std::string::npos)
      << log;
  log.clear();
  EXPECT_EQ(outcome(text), "0 1 0");
  EXPECT_EQ(log, "");
}

}  // namespace
}  // namespace cluster
