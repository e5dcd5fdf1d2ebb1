#pragma once

// One decision about a random object with some past, and its simpler variants.

#include <string>
#include <vector>

#include "scale/testing/draw.h"

namespace scale::testing {

struct Case {
  Spec spec;
  std::vector<Reading> readings;
  Workload workload;
  History history;
  Timestamp now = at(std::chrono::seconds(10'000));
};

Case any_case(Draw& draw);

// As code: a Scene and its decision.
std::string describe(const Case& one);

// Fewer triggers, no formula, no settings, no past, smaller numbers. Each could have been drawn.
std::vector<Case> simpler(const Case& one);

}  // namespace scale::testing
