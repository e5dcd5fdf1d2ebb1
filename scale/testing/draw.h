#pragma once

// Random numbers of a test, from one seed.

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <random>

#include "scale/testing/scenes.h"

namespace scale::testing {

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  int between(int low, int high) { return low + below(high - low + 1); }
  bool chance(int percent) { return below(100) < percent; }
  Duration up_to(int seconds) { return std::chrono::seconds(below(seconds + 1)); }
  template <class T>
  T one_of(std::initializer_list<T> all) {
    return *(all.begin() + below(static_cast<int>(all.size())));
  }

  hpa::Rules rules() {
    hpa::Rules rules{.window = {}, .policies = {}, .tolerance = {}};
    if (chance(70)) rules.window = chance(50) ? Duration{} : up_to(300);
    if (chance(10)) rules.select = hpa::SelectPolicy::disabled;
    if (chance(20)) rules.select = hpa::SelectPolicy::min;
    if (chance(20)) rules.tolerance = below(5) / 10.0;
    for (int i = between(1, 3); i > 0; --i) {
      rules.policies.push_back(chance(50) ? pods(between(1, 10), period())
                                          : percent(between(1, 150), period()));
    }
    return rules;
  }

  Duration period() {
    return chance(50) ? Duration(std::chrono::seconds(15 * between(1, 8)))
                      : Duration(std::chrono::seconds(between(1, 200)));
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace scale::testing
