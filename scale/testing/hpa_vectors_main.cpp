// Runs every vector of the given files; ends with the line "N passed, M failed".
// usage: hpa_vectors FILE...

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "scale/testing/hpa_vectors.h"

namespace {

struct Counts {
  int passed = 0;
  int failed = 0;
};

Counts run_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto vectors = scale::testing::hpa_vectors(text);
  if (!file || !vectors) {
    std::printf("FAIL %s: %s\n", path, file ? vectors.error().what.c_str() : "cannot be read");
    return {.failed = 1};
  }
  Counts counts;
  for (const auto& vector : *vectors) {
    const auto outcome = scale::testing::run_hpa_vector(vector);
    ++(outcome.problems.empty() ? counts.passed : counts.failed);
    for (const auto& problem : outcome.problems) {
      std::printf("FAIL %s: %s\n", outcome.id.c_str(), problem.c_str());
    }
  }
  return counts;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: hpa_vectors FILE...\n");
    return 2;
  }
  Counts all;
  for (int i = 1; i < argc; ++i) {
    const Counts counts = run_file(argv[i]);
    all.passed += counts.passed;
    all.failed += counts.failed;
  }
  std::printf("%d passed, %d failed\n", all.passed, all.failed);
  return all.failed == 0 ? 0 : 1;
}
