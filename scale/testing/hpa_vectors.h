#pragma once

// Runs test vectors of the HPA algorithm: one file holds many, of several kinds. The format is
// described in scale/testdata/README.md.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/json.h"

namespace scale::testing {

// The vectors of a file, each with the file's config and gates filled in where it has none of its
// own. Errors: invalid.
Result<std::vector<json::Value>> hpa_vectors(std::string_view file);

struct VectorOutcome {
  std::string id;
  std::vector<std::string> problems;  // "desired: want 3, got 4"; empty: passed
};

// A vector that cannot be understood is a problem, never a pass.
VectorOutcome run_hpa_vector(const json::Value& vector);

}  // namespace scale::testing
