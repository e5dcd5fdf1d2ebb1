#include "scale/hpa/behavior.h"

#include <algorithm>

namespace scale::hpa {
namespace {

constexpr Duration default_period = std::chrono::seconds(15);
constexpr Policy four_pods{.type = PolicyType::pods, .value = 4, .period = default_period};
constexpr Policy all_again{.type = PolicyType::percent, .value = 100, .period = default_period};

}  // namespace

Rules default_up() {
  return {.window = Duration::zero(), .policies = {four_pods, all_again}, .tolerance = {}};
}

Rules default_down() {
  return {.window = {}, .policies = {all_again}, .tolerance = {}};
}

Duration longest_period(const Rules& rules) {
  Duration longest{};
  for (const Policy& policy : rules.policies) longest = std::max(longest, policy.period);
  return longest;
}

}  // namespace scale::hpa
