#include "cli/check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "cli/command.h"
#include "json/json.h"
#include "scalers/testing/reference_metadata.h"

namespace cli {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> own = {"*otel*:4318"};

fs::path testdata() {
  return fs::path(TIDEWHEEL_SOURCE) / "cli/testdata/check";
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Files stand without their folder, which differs between machines.
Checked checked(const fs::path& file) {
  const std::vector<fs::path> paths{file};
  Checked out = check_files(paths, own);
  const std::string folder = file.parent_path().string() + "/";
  for (Finding& finding : out.findings) {
    for (std::string* text : {&finding.problem.file, &finding.problem.message}) {
      for (auto at = text->find(folder); at != text->npos; at = text->find(folder))
        text->erase(at, folder.size());
    }
  }
  return out;
}

// testdata/check/x.yaml is checked, and what is told is x.want. UPDATE_GOLDEN=1 writes the latter.
TEST(Check, TellsEveryProblemWithFileLineAndField) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(testdata())) {
    if (entry.path().extension() != ".yaml") continue;
    SCOPED_TRACE(entry.path().filename().string());
    ++files;
    fs::path want = entry.path();
    want.replace_extension(".want");
    const std::string got = check_text(checked(entry.path()));
    if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(want) << got;
    EXPECT_EQ(got, read(want));
  }
  EXPECT_EQ(files, 4);
}

TEST(Check, ExamplesAreClean) {
  const std::vector<fs::path> paths{fs::path(TIDEWHEEL_SOURCE) / "examples"};
  EXPECT_EQ(check_text(check_files(paths, own)), "4 objects in 2 files: 0 errors, 0 warnings\n");
}

TEST(Check, JsonHoldsTheSame) {
  const Checked all = checked(testdata() / "near_misses.yaml");
  const json::Value body = json::parse(check_json(all)).value();
  EXPECT_EQ(json::int_at(body, "errors"), all.count(Severity::error));
  EXPECT_EQ(json::int_at(body, "warnings"), all.count(Severity::warning));
  EXPECT_EQ(json::int_at(body, "skipped"), 2);
  const auto& problems = json::find(body, "problems")->get_array();
  ASSERT_EQ(problems.size(), all.findings.size());
  EXPECT_EQ(json::text_at(problems[0], "field"), all.findings[0].problem.field);
  EXPECT_EQ(json::int_at(problems[0], "line"), all.findings[0].problem.line);
}

class CheckStatus : public ::testing::Test {
 protected:
  CheckStatus() {
    std::string pattern = (fs::temp_directory_path() / "check-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~CheckStatus() override { fs::remove_all(folder); }

  // Of the command, over one ScaledObject with this line in its spec.
  int status(const std::string& line, bool strict) {
    std::ofstream(folder / "a.yaml")
        << "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: a}\nspec:\n"
        << "  scaleTargetRef: {name: a}\n  " << line << "\n  triggers:\n    - type: kedify-otel\n"
        << "      metadata: {metricQuery: depth, targetValue: '10'}\n";
    Arguments arguments;
    arguments.paths = {(folder / "a.yaml").string()};
    arguments.check.strict = strict;
    return run_check(arguments);
  }

  // A ScaledObject with one trigger of this metadata.
  fs::path manifest_of(const scalers::Metadata& metadata) const {
    json::Object members;
    for (const auto& [key, value] : metadata) members[key] = value;
    const fs::path path = folder / "trigger.yaml";
    std::ofstream(path)
        << "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: a}\nspec:\n"
        << "  scaleTargetRef: {name: a}\n  triggers:\n    - type: kedify-otel\n"
        << "      metadata: " << json::print(members) << "\n";
    return path;
  }

  fs::path folder;
};

TEST_F(CheckStatus, IsOneForErrorsAndForWarningsWhenStrict) {
  EXPECT_EQ(status("minReplicaCount: 1", true), 0);
  EXPECT_EQ(status("minReplicaCount: x", false), 1);
  EXPECT_EQ(status("{minReplicaCount: 1", false), 1);
  const std::string warned = "minReplicaCount: 1\n  cooldownPeriod: 5";
  EXPECT_EQ(status(warned, false), 0);
  EXPECT_EQ(status(warned, true), 1);
}

// The same rows that the external scaler refuses, as manifests: the same text, with its field.
TEST_F(CheckStatus, FindsEachMistakeOfTheReference) {
  auto rows = scalers::testing::reference_metadata();
  std::ranges::move(scalers::testing::reference_query_metadata(), std::back_inserter(rows));
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const Checked found = checked(manifest_of(row.metadata));
    std::string said;
    for (const auto& finding : found.findings) {
      if (finding.severity != Severity::error) continue;
      const std::string& field = finding.problem.field;
      constexpr std::string_view metadata_field = "spec.triggers[0].metadata";
      ASSERT_TRUE(field.starts_with(metadata_field)) << field << ": " << finding.problem.message;
      const std::string key = field.substr(metadata_field.size());
      said +=
          key.empty() ? finding.problem.message : key.substr(1) + ": " + finding.problem.message;
    }
    EXPECT_EQ(said, row.why);
  }
}

TEST_F(CheckStatus, IsOneForWhatIsNotThere) {
  Arguments arguments;
  arguments.paths = {(folder / "none.yaml").string()};
  EXPECT_EQ(run_check(arguments), 1);
}

}  // namespace
}  // namespace cli
