// A model check, exhaustive for small parameters: whatever happened to an object, healthy and fresh
// readings bring it to where a fresh object would be.
//
// Every reachable state of an object is visited, for every combination of fallback, idle count,
// minimum and cooldown; what happens between two decisions is any reading and any pause, after a
// short or a long time. Times are multiples of 15 s, and what is older than a minute is as good as
// a minute old: the windows, cooldowns and thresholds here are shorter.

#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "scale/explain.h"
#include "scale/testing/scenes.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using Kind = Fallback::Kind;

constexpr Duration oldest = 60s;
const Timestamp now = at(10'000'000s);

struct State {
  Replicas replicas = 0;
  History history;
};

// The same state, with its times as they would be if this were `now`, and nothing older than
// matters.
Timestamp moved(Timestamp t, Timestamp from) {
  return t.ns == 0 ? t : now - std::min(from - t, oldest);
}

State normal(State s, Timestamp from) {
  History& h = s.history;
  for (auto& held : h.held) {
    held.at = {};
    held.failing_since = moved(held.failing_since, from);
  }
  if (h.last_active) h.last_active = moved(*h.last_active, from);
  if (h.recommended) h.recommended->at = moved(h.recommended->at, from);
  for (auto* list : {&h.highs, &h.lows}) {
    for (auto& r : *list) r.at = moved(r.at, from);
  }
  if (h.window) h.window->start = moved(h.window->start, from);
  return s;
}

std::string key_of(const State& s) {
  return std::to_string(s.replicas) + json::print(to_json(s.history));
}

enum class Pause : std::uint8_t { none, full, at_two, scale_in, scale_out, forced };
constexpr Pause pauses[] = {Pause::none,     Pause::full,      Pause::at_two,
                            Pause::scale_in, Pause::scale_out, Pause::forced};

Spec paused(Spec spec, Pause pause) {
  spec.paused = pause == Pause::full;
  if (pause == Pause::at_two) spec.paused_replicas = 2;
  spec.paused_scale_in = pause == Pause::scale_in;
  spec.paused_scale_out = pause == Pause::scale_out;
  spec.force_activation = pause == Pause::forced;
  return spec;
}

// `s` as it is after another decision, `wait` later.
State after(const Spec& spec, const State& s, const Reading& reading, Duration wait) {
  Outcome outcome =
      decide(spec, std::vector{reading}, {.replicas = s.replicas, .object_created = at(0s)},
             s.history, now + wait);
  return normal({outcome.decision.to, std::move(outcome.next)}, now + wait);
}

// Where the object comes to rest with that reading.
Replicas settled(const Spec& spec, State s, const Reading& reading) {
  for (int i = 0; i < 12; ++i) s = after(spec, s, reading, 15s);
  return s.replicas;
}

std::vector<Spec> specs() {
  std::vector<Spec> all;
  const std::optional<Fallback> fallbacks[] = {
      {},
      Fallback{.failure_threshold = 1, .replicas = 0},
      Fallback{.failure_threshold = 1, .replicas = 3},
      Fallback{.failure_threshold = 1, .replicas = 3, .kind = Kind::current_if_higher}};
  for (const auto& fallback : fallbacks) {
    for (const Replicas min : {0, 2}) {
      for (const auto& idle : {std::optional<Replicas>(), std::optional<Replicas>(0)}) {
        if (idle && min == 0) continue;
        for (const Duration cooldown : {0s, 30s}) {
          for (const bool behavior : {false, true}) {
            Spec spec{.min = min, .max = 4, .idle = idle, .cooldown = cooldown, .polling = 15s};
            spec.downscale_stabilization = 30s;
            if (behavior) spec.behavior = prompt_behavior();
            spec.fallback = fallback;
            spec.triggers = {trigger("queue", 10)};
            if (fallback) spec.triggers[0].on_missing.fill({.action = OnMissing::Action::fallback});
            all.push_back(std::move(spec));
          }
        }
      }
    }
  }
  return all;
}

// Every state that can be reached from a fresh object.
std::vector<State> reachable(const Spec& spec) {
  const Reading readings[] = {value(0), value(25), absent(),   stale(),
                              failed(), garbled(), partial(25)};
  std::vector<State> all = {State{}};
  std::set<std::string> seen = {key_of(all[0])};
  for (std::size_t next = 0; next < all.size(); ++next) {
    for (const Pause pause : pauses) {
      const Spec as_now = paused(spec, pause);
      for (const Reading& reading : readings) {
        for (const Duration wait : {15s, 60s}) {
          State s = after(as_now, all[next], reading, wait);
          if (seen.insert(key_of(s)).second) all.push_back(std::move(s));
        }
      }
    }
  }
  return all;
}

TEST(Model, HealthyReadingsBringEveryStateBack) {
  std::size_t states = 0;
  for (const Spec& spec : specs()) {
    const auto all = reachable(spec);
    states += all.size();
    ASSERT_LT(all.size(), 200'000u) << "the model is not small any more";
    for (const double v : {0.0, 25.0}) {
      const Replicas fresh = settled(spec, {}, value(v));
      for (const State& s : all) {
        ASSERT_EQ(settled(spec, s, value(v)), fresh)
            << "value " << v << ", min " << spec.min << ", idle " << spec.idle.value_or(-1)
            << ", cooldown " << base::format_duration(spec.cooldown) << ", fallback "
            << (spec.fallback ? spec.fallback->replicas : -1) << ", from " << key_of(s);
      }
    }
  }
  std::cout << states << " states of " << specs().size() << " objects\n";
}

}  // namespace
}  // namespace scale
