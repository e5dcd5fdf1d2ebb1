// A model check, exhaustive for small parameters: whatever happened to an object, healthy and fresh
// readings bring it to where a fresh object would be.
//
// Every reachable state of an object is visited, for every combination of fallback, idle count,
// minimum and cooldown; what happens between two decisions is any reading and any pause, after a
// short or a long time. Times are multiples of one sync period, and what is older than two is as
// good as two old: the windows, cooldowns and thresholds here are one.

#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <type_traits>
#include <unordered_set>

#include "scale/explain.h"
#include "scale/testing/scenes.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using Kind = Fallback::Kind;

constexpr Duration period = 15s;
constexpr Duration oldest = 2 * period;
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
  for (auto* list : {&h.events.up, &h.events.down}) {
    for (auto& event : *list) event.at = moved(event.at, from);
  }
  if (h.window) h.window->start = moved(h.window->start, from);
  return s;
}

// A state as bytes: equal states have equal keys.
class Key {
 public:
  explicit Key(const State& s) {
    const History& h = s.history;
    add(s.replicas);
    add(h.active);
    add(h.seeded);
    add(h.last_active.value_or(Timestamp{}).ns);
    for (const auto& held : h.held) {
      add(held.replicas.value_or(-1));
      add(held.active);
      add(held.series);
      add(held.failing_since.ns);
    }
    if (h.recommended) add(*h.recommended);
    list(h.highs);
    list(h.lows);
    events(h.events.up);
    events(h.events.down);
    if (h.window) {
      add(h.window->start.ns);
      add(h.window->base);
      add(h.window->change);
    }
  }

  std::string take() && { return std::move(bytes_); }

 private:
  template <class Number>
    requires std::is_arithmetic_v<Number>
  void add(Number number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void add(const History::Recommendation& r) {
    add(r.at.ns);
    add(r.replicas);
    add(r.late_us);
  }
  void list(const std::vector<History::Recommendation>& all) {
    add(all.size());
    for (const auto& r : all) add(r);
  }
  void events(const std::vector<hpa::ScaleEvent>& all) {
    add(all.size());
    for (const auto& event : all) {
      add(event.at.ns);
      add(event.change);
    }
  }

  std::string bytes_;
};

std::string key_of(const State& s) {
  return Key(s).take();
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
  for (int i = 0; i < 8; ++i) s = after(spec, s, reading, period);
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
        for (const Duration cooldown : {Duration{}, period}) {
          for (const bool behavior : {false, true}) {
            Spec spec{.min = min, .max = 4, .idle = idle, .cooldown = cooldown, .polling = period};
            spec.downscale_stabilization = period;
            if (behavior) spec.behavior = prompt_behavior();
            if (behavior) spec.behavior->down.window = period;
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
  std::unordered_set<std::string> seen = {key_of(all[0])};
  for (std::size_t next = 0; next < all.size(); ++next) {
    for (const Pause pause : pauses) {
      const Spec as_now = paused(spec, pause);
      for (const Reading& reading : readings) {
        for (const Duration wait : {period, oldest}) {
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
    ASSERT_LT(all.size(), 20'000u) << "the model is not small any more";
    for (const double v : {0.0, 25.0}) {
      const Replicas fresh = settled(spec, {}, value(v));
      for (const State& s : all) {
        ASSERT_EQ(settled(spec, s, value(v)), fresh)
            << "value " << v << ", min " << spec.min << ", idle " << spec.idle.value_or(-1)
            << ", cooldown " << base::format_duration(spec.cooldown) << ", fallback "
            << (spec.fallback ? spec.fallback->replicas : -1) << ", from " << s.replicas
            << " replicas with " << json::print(to_json(s.history));
      }
    }
  }
  std::cout << states << " states of " << specs().size() << " objects\n";
}

}  // namespace
}  // namespace scale
