// Every public test vector is a test of its own.

#include <gtest/gtest.h>

#include <cctype>
#include <fstream>
#include <iterator>

#include "base/check.h"
#include "scale/testing/hpa_vectors.h"

namespace scale::testing {
namespace {

constexpr std::size_t public_vectors = 433;

std::string file_text() {
  std::ifstream file(TIDEWHEEL_SOURCE "/scale/testdata/hpa_vectors.json", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

const std::vector<json::Value>& all_vectors() {
  static const std::vector<json::Value> vectors = [] {
    auto read = hpa_vectors(file_text());
    CHECK(read.has_value());
    return *std::move(read);
  }();
  return vectors;
}

std::string test_name(std::size_t index) {
  std::string name = json::text_at(all_vectors()[index], "id").value_or("");
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

class HpaVector : public ::testing::TestWithParam<std::size_t> {};

TEST_P(HpaVector, Agrees) {
  const VectorOutcome outcome = run_hpa_vector(all_vectors()[GetParam()]);
  for (const std::string& problem : outcome.problems)
    ADD_FAILURE() << outcome.id << ": " << problem;
}

INSTANTIATE_TEST_SUITE_P(Public, HpaVector, ::testing::Range(std::size_t{0}, all_vectors().size()),
                         [](const auto& info) { return test_name(info.param); });

TEST(HpaVectors, NoneIsLost) {
  EXPECT_EQ(all_vectors().size(), public_vectors);
}

TEST(HpaVectors, AWrongExpectationFails) {
  const auto vectors = hpa_vectors(R"({"vectors": [
      {"id": "right", "kind": "perPodUsage", "usage": 10, "statusReplicas": 4, "expect": {"perPod": 3}},
      {"id": "wrong", "kind": "perPodUsage", "usage": 10, "statusReplicas": 4, "expect": {"perPod": 2}},
      {"id": "kind", "kind": "nonsense", "expect": {}},
      {"id": "type", "kind": "defaults", "expect": {"spec": {}}}]})");
  ASSERT_TRUE(vectors);
  EXPECT_TRUE(run_hpa_vector((*vectors)[0]).problems.empty());
  EXPECT_EQ(run_hpa_vector((*vectors)[1]).problems,
            std::vector<std::string>{"perPod: want 2, got 3"});
  EXPECT_EQ(run_hpa_vector((*vectors)[2]).problems, std::vector<std::string>{"unknown kind"});
  EXPECT_FALSE(run_hpa_vector((*vectors)[3]).problems.empty());
}

}  // namespace
}  // namespace scale::testing
