#pragma once

// Properties of random cases that can be repeated. A failure shows its seed, which DECIDE_SEED
// takes, and the case in its smallest form. Without DECIDE_SEED every run checks the same cases;
// DECIDE_SEED=random looks at new ones.

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>

#include "scale/testing/shrink.h"

namespace scale::testing {

// What the expectations that fail in `check()` say; none of them is reported. Empty: all hold.
template <class Check>
std::string complaints(Check check) {
  using Reporter = ::testing::ScopedFakeTestPartResultReporter;
  ::testing::TestPartResultArray results;
  {
    const Reporter reporter(Reporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    check();
  }
  std::string text;
  for (int i = 0; i < results.size(); ++i) {
    const ::testing::TestPartResult& result = results.GetTestPartResult(i);
    if (!result.failed()) continue;
    text += "line " + std::to_string(result.line_number()) + ": " + result.message() + "\n";
  }
  return text;
}

// Calls check(seed) for `count` seeds, until one fails.
template <class Check>
void for_seeds(std::uint64_t count, Check check) {
  const char* given = std::getenv("DECIDE_SEED");
  const bool fresh = given != nullptr && std::string_view(given) == "random";
  const std::uint64_t stated = given ? std::strtoull(given, nullptr, 10) : 1;
  const std::uint64_t first = fresh ? std::random_device{}() : stated;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const std::string text = complaints([&] { check(seed); });
    if (text.empty()) continue;
    ADD_FAILURE() << "DECIDE_SEED=" << seed << "\n" << text;
    return;
  }
}

// Expects that every expectation of check(case) holds. Otherwise it reports what the smallest case
// says that was found to fail, too, and that case as code.
// Finds, by the type of the case: simpler(case), see shrink.h; describe(case), a text.
template <class Case, class Check>
void expect_holds(const Case& drawn, Check check) {
  const auto says = [&](const Case& one) { return complaints([&] { check(one); }); };
  const auto fails = [&](const Case& one) { return !says(one).empty(); };
  if (!fails(drawn)) return;
  const Case smallest = shrunk(drawn, [](const Case& one) { return simpler(one); }, fails);
  ADD_FAILURE() << says(smallest) << "the smallest case that fails:\n" << describe(smallest);
}

}  // namespace scale::testing
