#pragma once

// Random objects and what happens to them, and their simpler variants.

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "scale/ask.h"
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

inline std::string describe(const hpa::Rules& rules) {
  std::string text = fmt::format("window {}, select {}, tolerance {}",
                                 rules.window ? base::format_duration(*rules.window) : "-",
                                 static_cast<int>(rules.select), rules.tolerance.value_or(-1));
  for (const auto& p : rules.policies) {
    text += fmt::format(", {}{}/{}", p.value, p.type == hpa::PolicyType::pods ? "" : "%",
                        base::format_duration(p.period));
  }
  return text;
}

inline std::string describe(const Sequence& sequence) {
  const Spec& spec = sequence.spec;
  std::string text =
      fmt::format("min {}, max {}, starts at {}, window {}\n", spec.min, spec.max,
                  sequence.replicas, base::format_duration(spec.downscale_stabilization));
  if (spec.behavior) {
    text += fmt::format("up: {}\ndown: {}\n", describe(spec.behavior->up),
                        describe(spec.behavior->down));
  }
  Duration now{};
  for (const auto& h : sequence.happenings) {
    now += h.after;
    text += fmt::format("{:>10}", base::format_duration(now));
    if (h.set_by_hand) text += fmt::format("  set to {} by hand", *h.set_by_hand);
    for (const auto& r : h.readings) text += fmt::format("  {} {}", to_string(r.state), r.value);
    text += "\n";
  }
  return text;
}

// Fewer happenings, fewer policies, no windows, nothing by hand, rounder values.
inline std::vector<Sequence> simpler(const Sequence& sequence) {
  std::vector<Sequence> all;
  const auto variant = [&](auto change) {
    Sequence copy = sequence;
    change(copy);
    all.push_back(std::move(copy));
  };
  for (std::size_t size = sequence.happenings.size() / 2; size > 0; size /= 2) {
    for (std::size_t i = 0; i + size <= sequence.happenings.size(); i += size) {
      variant([&](Sequence& s) {
        const auto from = s.happenings.begin() + static_cast<std::ptrdiff_t>(i);
        s.happenings.erase(from, from + static_cast<std::ptrdiff_t>(size));
      });
    }
  }
  if (sequence.spec.behavior) {
    for (auto rules : {&hpa::Behavior::up, &hpa::Behavior::down}) {
      const hpa::Rules& old = (*sequence.spec.behavior).*rules;
      for (std::size_t i = 0; old.policies.size() > 1 && i < old.policies.size(); ++i) {
        variant([&](Sequence& s) {
          auto& policies = ((*s.spec.behavior).*rules).policies;
          policies.erase(policies.begin() + static_cast<std::ptrdiff_t>(i));
        });
      }
      if (old.window != Duration{})
        variant([&](Sequence& s) { ((*s.spec.behavior).*rules).window = Duration{}; });
      if (old.tolerance)
        variant([&](Sequence& s) { ((*s.spec.behavior).*rules).tolerance.reset(); });
    }
  }
  for (std::size_t i = 0; i < sequence.happenings.size(); ++i) {
    const Happening& h = sequence.happenings[i];
    if (h.set_by_hand) variant([&](Sequence& s) { s.happenings[i].set_by_hand.reset(); });
    for (std::size_t r = 0; r < h.readings.size(); ++r) {
      const double rounder = std::floor(h.readings[r].value / 10) * 10;
      if (rounder == h.readings[r].value) continue;
      variant([&](Sequence& s) { s.happenings[i].readings[r].value = rounder; });
    }
  }
  return all;
}

}  // namespace scale::testing
