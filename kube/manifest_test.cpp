#include "kube/manifest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace kube {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string lines_of(const std::vector<ManifestProblem>& problems) {
  std::string text;
  for (const ManifestProblem& problem : problems) text += to_string(problem) + "\n";
  return text;
}

// testdata/manifests/x.yaml is read, and every problem told is a line of x.want. UPDATE_GOLDEN=1
// writes the latter.
TEST(ManifestProblems, AreAllToldWithFileLineAndField) {
  const fs::path folder = fs::path(TIDEWHEEL_SOURCE) / "kube/testdata/manifests";
  int files = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    SCOPED_TRACE(entry.path().filename().string());
    ++files;
    fs::path want = entry.path();
    want.replace_extension(".want");
    const Manifests got = parse_manifests(read(entry.path()), entry.path().filename().string());
    if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(want) << lines_of(got.problems);
    EXPECT_EQ(lines_of(got.problems), read(want));
    EXPECT_FALSE(got.problems.empty());
  }
  EXPECT_GT(files, 0);
}

constexpr const char* good = R"(
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: List
items:
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: shop}
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
            - name: main
              command: [sleep, "1"]
  - apiVersion: keda.sh/v1alpha1
    kind: ScaledObject
    metadata: {name: web}
    spec:
      scaleTargetRef: {name: web}
      triggers: [{type: cron, metadata: {}}]
)";

TEST(Manifests, HoldEveryDocumentAndEveryItemOfAList) {
  const Manifests got = parse_manifests(good, "good.yaml");
  EXPECT_EQ(lines_of(got.problems), "");
  ASSERT_EQ(got.objects.size(), 3u);
  EXPECT_EQ(got.objects[0].resource, namespaces);
  EXPECT_EQ(got.objects[0].key, (Key{"", "shop"}));
  EXPECT_EQ(got.objects[1].resource, deployments);
  EXPECT_EQ(got.objects[1].key, (Key{"shop", "web"}));
  EXPECT_EQ(got.objects[2].key, (Key{"default", "web"}));
  EXPECT_EQ(got.objects[2].line, 20);
  EXPECT_EQ(got.objects[2].line_of("spec.scaleTargetRef.name"), 24);
  const ManifestProblem placed = problem_at(got.objects[1], {"spec.replicas", "too many"});
  EXPECT_EQ(to_string(placed), "good.yaml:12: items[0].spec.replicas: too many");
}

struct KindCase {
  const char* version;
  const char* kind;
  const char* want;  // empty: passed over
};

TEST(CheckedKinds, OthersArePassedOverUnlessTheyAreMisspelt) {
  const KindCase cases[] = {
      {"v1", "Service", ""},
      {"v1", "ConfigMap", ""},
      {"apps/v1", "StatefulSet", ""},
      {"apps/v1", "DaemonSet", ""},
      {"keda.sh/v1alpha1", "ScaledJob", ""},
      {"keda.sh/v1alpha1", "TriggerAuthentication", ""},
      {"autoscaling/v1", "HorizontalPodAutoscaler", ""},
      {"events.k8s.io/v1", "Event", ""},
      {"example.com/v1", "Deployment", ""},
      {"keda.sh/v1alpha1", "ScaledObjects",
       "kind: unknown kind \"ScaledObjects\", did you mean "
       "\"ScaledObject\"?"},
      {"apps/v1", "deployment", "kind: unknown kind \"deployment\", did you mean \"Deployment\"?"},
      {"autoscaling/v2beta2", "HorizontalPodAutoscaler",
       "apiVersion: unknown version \"autoscaling/v2beta2\" of HorizontalPodAutoscaler, want "
       "\"autoscaling/v2\""},
      {"keda.k8s.io/v1alpha1", "ScaledObject",
       "apiVersion: unknown version \"keda.k8s.io/v1alpha1\" of ScaledObject, want "
       "\"keda.sh/v1alpha1\""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.version) + " " + c.kind);
    const std::string text =
        std::string("apiVersion: ") + c.version + "\nkind: " + c.kind + "\nmetadata: {name: a}\n";
    const Manifests got = parse_manifests(text, "a.yaml", {}, ManifestKinds::among_others);
    const bool skipped = std::string_view(c.want).empty();
    EXPECT_EQ(got.skipped, skipped ? 1u : 0u);
    EXPECT_EQ(
        lines_of(got.problems),
        skipped ? "" : "a.yaml:" + std::string(c.want[0] == 'k' ? "2: " : "1: ") + c.want + "\n");
  }
}

TEST(CheckedKinds, AnHpaIsOneOfOurs) {
  constexpr const char* text =
      "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\n"
      "spec: {scaleTargetRef: {kind: Deployment, name: a}, maxReplicas: 3, minReplica: 1}\n";
  for (const auto kinds : {ManifestKinds::ours, ManifestKinds::among_others}) {
    EXPECT_EQ(lines_of(parse_manifests(text, "a.yaml", {}, kinds).problems),
              "a.yaml:4: spec.minReplica: unknown field, did you mean \"minReplicas\"?\n");
  }
}

class ManifestFilesTest : public ::testing::Test {
 protected:
  ManifestFilesTest() {
    std::string pattern = (fs::temp_directory_path() / "manifests-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~ManifestFilesTest() override { fs::remove_all(folder); }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name) << text;
  }
  // Problems with the folder's own name cut off.
  std::string problems(std::vector<fs::path> paths, const ManifestLimits& limits = {}) const {
    std::string text = lines_of(read_manifests(paths, limits).problems);
    const std::string name = folder.string() + "/";
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name)) {
      text.erase(at, name.size());
    }
    return text;
  }

  fs::path folder;
};

std::string namespace_named(const std::string& name) {
  return "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: " + name + "\n";
}

TEST_F(ManifestFilesTest, AFolderStandsForItsManifestsInOrder) {
  write("b.yml", namespace_named("b"));
  write("a/deep.yaml", namespace_named("a"));
  write("c.yaml", namespace_named("c"));
  write("notes.txt", "not: [yaml");
  write(".hidden.yaml", "not: [yaml");
  write(".git/x.yaml", "not: [yaml");
  const std::vector<fs::path> paths{folder, folder / "b.yml"};
  const Manifests got = read_manifests(paths);
  EXPECT_EQ(lines_of(got.problems), "");
  std::string names;
  for (const Manifest& manifest : got.objects) names += manifest.key.name;
  EXPECT_EQ(names, "abc");
}

TEST_F(ManifestFilesTest, OneNameTwiceNamesBothPlaces) {
  write("a.yaml", namespace_named("p") + "---\n" + namespace_named("q"));
  write("b.yaml", "\n" + namespace_named("q"));
  EXPECT_EQ(problems({folder}),
            "b.yaml:5: metadata.name: Namespace \"q\" is stated twice, first in a.yaml:9\n");
}

TEST_F(ManifestFilesTest, EveryProblemOfEveryFileIsTold) {
  write("a.yaml", namespace_named("A"));
  write("b.yaml", "kind: [\n");
  fs::create_directory(folder / "empty");
  EXPECT_EQ(
      problems({folder / "none.yaml", folder / "empty", folder / "a.yaml", folder / "b.yaml"}),
      folder.string().substr(0, 0) +
          "none.yaml: does not exist\n"
          "empty: holds no .yaml or .yml file\n"
          "a.yaml:4: metadata.name: must be at most 253 of a-z, 0-9, '-' and '.', beginning "
          "and ending with a letter or digit\n"
          "b.yaml:2: bad YAML: end of sequence flow not found\n");
}

TEST_F(ManifestFilesTest, LimitsAreTold) {
  write("a.yaml", namespace_named("a"));
  write("b.yaml", namespace_named("b"));
  EXPECT_NE(problems({folder}, {.files_max = 1}).find("more than 1 files"), std::string::npos);
  EXPECT_EQ(problems({folder / "a.yaml"}, {.yaml = {.bytes_max = 10}}),
            "a.yaml: larger than 10 bytes\n");
  const Manifests got = parse_manifests(good, "good.yaml", {.objects_max = 2});
  EXPECT_EQ(lines_of(got.problems), "good.yaml:20: items[1]: more than 2 objects\n");
}

}  // namespace
}  // namespace kube
