#pragma once

// Random objects and what happens to them, and their simpler variants.

#include <optional>
#include <string>
#include <vector>

#include "scale/testing/draw.h"

namespace scale::testing {

// What happens at one moment.
struct Happening {
  Duration after{};  // since the one before
  std::vector<Reading> readings;
  std::optional<Replicas> set_by_hand;
};

struct Sequence {
  Spec spec;
  Replicas replicas = 1;
  std::vector<Happening> happenings;
};

// As code: a Scene and its decisions.
std::string describe(const Sequence& sequence);

// Fewer happenings, fewer policies, no windows, nothing by hand, rounder values.
std::vector<Sequence> simpler(const Sequence& sequence);

}  // namespace scale::testing
