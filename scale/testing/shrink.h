#pragma once

// The smallest case that still fails, for people.

#include <vector>

namespace scale::testing {

// Replaces `failing` by the first of its simpler variants that still fails, as long as there is
// one. simpler(case): a vector of simpler cases; fails(case): whether one fails. At most
// `steps_max` trials.
template <class Case, class Simpler, class Fails>
Case shrunk(Case failing, Simpler simpler, Fails fails) {
  constexpr int steps_max = 20'000;
  int steps = 0;
  for (bool found = true; found;) {
    found = false;
    for (Case& candidate : simpler(failing)) {
      if (++steps > steps_max) return failing;
      if (!fails(candidate)) continue;
      failing = std::move(candidate);
      found = true;
      break;
    }
  }
  return failing;
}

}  // namespace scale::testing
