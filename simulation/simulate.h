#pragma once

// A specification over recorded signals: what decide() would have done, and what the load would
// have met. Pure and deterministic.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "scale/types.h"
#include "simulation/signal.h"

namespace simulation {

enum class Engine : std::uint8_t {
  direct,  // decides at every sample, and whenever a decision asked for it or a pod became ready
  hpa,     // 1..N at the HPA's tick, 0<->1 at KEDA's poll
};

// The HPA controller's sync period.
inline constexpr Duration hpa_tick = std::chrono::seconds(15);

// One trigger's signal.
struct Input {
  Signal signal;
  Duration stale_after = std::chrono::minutes(2);  // > 0; an older sample is no reading
};

struct Scenario {
  scale::Spec spec;
  std::vector<Input> inputs;                        // one per spec.triggers, in order
  scale::Replicas replicas = 0;                     // at the beginning, all of them ready
  Duration pod_start = std::chrono::seconds(30);    // from asked for to ready
  Duration flap_window = std::chrono::minutes(10);  // a change back within it is a flap
  Engine engine = Engine::direct;
  Duration polling = std::chrono::seconds(30);  // engine hpa: KEDA's pollingInterval
  bool keep_points = false;
};

// No span of a scenario is longer.
inline constexpr Duration span_max = std::chrono::hours(24 * 366);

struct Limits {
  std::size_t evaluations_max = 20'000'000;  // beyond: an error, before memory or patience ends
  std::size_t changes_max = 100'000;         // kept; all are counted
  std::size_t decisions_max = 10'000;        // kept; all are counted
  std::size_t points_max = 2'000'000;        // beyond: an error
};

// The count changed.
struct Change {
  Timestamp at;
  scale::Replicas from = 0;
  scale::Replicas to = 0;
  std::string reason;
  bool flap = false;
};

// One outcome with its reasons, for as long as it stayed the same.
struct DecisionRun {
  scale::Decision decision;  // as first made
  std::uint64_t count = 1;   // how often in a row
  Timestamp last;            // when it was made last
};

// What was in force from this moment on.
struct Point {
  struct Read {
    scale::Reading::State state{};
    double value = 0;
  };
  Timestamp at;
  scale::Replicas replicas = 0;
  scale::Replicas ready = 0;
  std::vector<Read> readings;  // one per trigger
};

// What one trigger's load met. Its unit is the signal's.
struct Load {
  double unmet = 0;         // integral over time of what ready pods could not carry: unit x seconds
  double worst = 0;         // the largest excess
  Duration unmet_time{};    // how long there was any
  Duration unknown_time{};  // how long there was no reading; counts as no excess
};

struct Summary {
  Timestamp start;  // the first sample of any trigger
  Timestamp end;    // the last one
  scale::Replicas min = 0;
  scale::Replicas max = 0;
  double mean = 0;  // over time
  double replica_hours = 0;
  std::size_t ups = 0;
  std::size_t downs = 0;
  std::size_t flaps = 0;  // changes against the one before, within Scenario::flap_window of it
  std::size_t decisions = 0;
  std::vector<Load> loads;  // one per trigger
};

struct Timeline {
  std::vector<Change> changes;         // the first Limits::changes_max
  std::vector<DecisionRun> decisions;  // the first Limits::decisions_max
  std::vector<Point> points;           // one per moment at which anything happened, when asked for
  Summary summary;
};

// Runs from the first sample of any trigger to the last one. The object was created at the
// beginning and never active before. Capacity is ready pods times the trigger's target.
// With the engine hpa: each hpa_tick the arithmetic between 1 (or min) and N applies while there
// are replicas; each `polling` an active object at rest goes to max(1, min), and one that has been
// inactive for its cooldown goes to rest. The two begin together, at the beginning.
// Errors: invalid, naming the input: another number of inputs than triggers, no samples, absolute
// times beside offsets, spans that are not in (0, span_max] (pod_start: [0, span_max]), negative
// replicas. exhausted: more evaluations or points
// than the limits allow.
Result<Timeline> simulate(const Scenario& scenario, const Limits& limits = {});

}  // namespace simulation
