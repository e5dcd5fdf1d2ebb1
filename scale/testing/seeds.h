#pragma once

// Random tests that can be repeated: the seed is printed with a failure, and DECIDE_SEED sets it.
// Without it every run checks the same cases; DECIDE_SEED=random looks at new ones.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>

namespace scale::testing {

// Calls `check(seed)` for `count` seeds, until one fails.
template <class Check>
void for_seeds(std::uint64_t count, Check check) {
  const char* given = std::getenv("DECIDE_SEED");
  const bool fresh = given != nullptr && std::string_view(given) == "random";
  const std::uint64_t stated = given ? std::strtoull(given, nullptr, 10) : 1;
  const std::uint64_t first = fresh ? std::random_device{}() : stated;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("DECIDE_SEED=" + std::to_string(seed));
    check(seed);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace scale::testing
