#pragma once

// Short words for tests of decisions: times, readings and specifications.

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "scale/decide.h"
#include "scale/words.h"

namespace scale::testing {

// Some moment well after the epoch, a whole number of sync periods, plus `since`.
inline Timestamp at(Duration since) {
  return Timestamp{1'000'005 * std::int64_t{1'000'000'000}} + since;
}

inline Reading value(double v, Timestamp newest = at(Duration{})) {
  return {.state = Reading::State::value, .value = v, .newest = newest, .series = 1};
}
// A value whose window has not filled.
inline Reading partial(double v) {
  Reading reading = value(v);
  reading.complete = false;
  return reading;
}
inline Reading absent() {
  return {};
}
inline Reading stale(Timestamp newest = at(Duration{})) {
  return {.state = Reading::State::stale, .newest = newest};
}
// Silent, and its source says that there is nothing.
inline Reading ended() {
  Reading reading = stale();
  reading.ended = true;
  return reading;
}
inline Reading failed() {
  return {.state = Reading::State::error, .error = "connection refused"};
}
inline Reading garbled() {
  return {.state = Reading::State::not_a_number};
}

inline TriggerSpec trigger(std::string name, double target, double activation = 0) {
  return {.name = std::move(name),
          .type = "kedify-otel",
          .query = "sum(x)",
          .target = target,
          .activation = activation};
}

// Every missing state does the same.
inline TriggerSpec with(TriggerSpec trigger, OnMissing on) {
  trigger.on_missing.fill(on);
  return trigger;
}

inline constexpr hpa::Policy pods(std::int32_t value, Duration period) {
  return {.type = hpa::PolicyType::pods, .value = value, .period = period};
}
inline constexpr hpa::Policy percent(std::int32_t value, Duration period) {
  return {.type = hpa::PolicyType::percent, .value = value, .period = period};
}

// A behaviour block that damps nothing.
inline hpa::Behavior prompt_behavior() {
  constexpr Duration period = std::chrono::seconds(15);
  return {.up = {.window = Duration{}, .policies = {pods(1'000'000, period)}, .tolerance = {}},
          .down = {.window = Duration{}, .policies = {percent(100, period)}, .tolerance = {}}};
}

// One trigger "queue-depth" with target 10; nothing damps it.
inline Spec prompt_spec() {
  return {.cooldown = std::chrono::seconds(30),
          .behavior = prompt_behavior(),
          .triggers = {trigger("queue-depth", 10)}};
}

// A workload and its history, decided again and again; what a decision says is what it has next.
struct Scene {
  Spec spec = prompt_spec();
  Workload workload{.object_created = at(Duration{})};
  History history;

  Decision decide(std::vector<Reading> readings, Timestamp now) {
    Outcome outcome = scale::decide(spec, readings, workload, history, now);
    workload.replicas = outcome.decision.to;
    history = std::move(outcome.next);
    return std::move(outcome.decision);
  }
};

inline std::vector<ClampKind> kinds(const Decision& decision) {
  std::vector<ClampKind> all;
  for (const auto& clamp : decision.clamps) all.push_back(clamp.kind);
  return all;
}

}  // namespace scale::testing
