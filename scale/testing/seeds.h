#pragma once

// Random tests that can be repeated: the seed is printed with a failure, and DECIDE_SEED sets it.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace scale::testing {

// Calls `check(seed)` for `count` seeds, until one fails.
template <class Check>
void for_seeds(std::uint64_t count, Check check) {
  const char* given = std::getenv("DECIDE_SEED");
  const std::uint64_t first = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("DECIDE_SEED=" + std::to_string(seed));
    check(seed);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace scale::testing
