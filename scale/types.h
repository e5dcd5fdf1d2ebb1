#pragma once

// What goes into a decision and what comes out of it. Plain values.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "scale/hpa/scale_events.h"
#include "scale/shared_text.h"
#include "scale/spec.h"

namespace scale {

// One trigger's signal at one moment. Never pretends: missing is not zero.
struct Reading {
  using State = ReadingState;
  State state = State::absent;
  double value = 0;          // when state is value
  Timestamp newest;          // the newest sample behind it; 0 when there is none
  std::uint32_t series = 0;  // how many series took part
  // Whether what it looks back on reaches as far as its window: since the start of this process, or
  // restored. An incomplete value may start and raise, never lower; an incomplete end is none.
  bool complete = true;
  // Of an absent or stale one: its source says that there is nothing (a no-recorded-value point, a
  // delta stream that is silent while its resource reports). That is evidence of zero.
  bool ended = false;
  SharedText error;  // when state is error: in words a user can act on

  bool operator==(const Reading&) const = default;
};

std::string_view to_string(Reading::State state);
// The state with that name; nullopt when there is none.
std::optional<Reading::State> reading_state(std::string_view name);

// The workload as it is now.
struct Workload {
  Replicas replicas = 0;     // spec.replicas
  Timestamp object_created;  // metadata.creationTimestamp of the ScaledObject
  // Running and ready pods, for Value targets; none: as many as `replicas`.
  std::optional<Replicas> ready;
};

// Where a proposal comes from.
enum class Basis : std::uint8_t {
  value,     // the reading
  zero,      // missing, and zero: its source or the manifest says so
  stated,    // missing, and the number that the manifest states
  fallback,  // missing for long enough: spec.fallback
  held,      // missing: the last proposal stands
  silent,    // missing after a last value at or below activation: stays inactive
  ignored,   // missing, and the manifest says to go on without it
  nothing,   // missing, and it never proposed anything
};
std::string_view to_string(Basis basis);
std::optional<Basis> basis_named(std::string_view name);

// What one trigger asks for, or with scalingModifiers what their formula asks for.
struct Proposal {
  std::size_t trigger = 0;  // index into Spec::triggers; their number: the composite metric
  Reading reading;
  bool active = false;
  bool held = false;                 // the last proposal stands: basis held or silent
  std::optional<Replicas> replicas;  // none: it asks for nothing
  Basis basis = Basis::nothing;
  double used = 0;  // the number that was compared with the target, when replicas is set by one
  std::int32_t failures = 0;        // in a row, where they are counted towards a fallback
  std::uint32_t series_before = 0;  // how many took part in its last value; 0: there was none
  bool operator==(const Proposal&) const = default;
};

// Everything that can change the number between the largest proposal and the outcome.
enum class ClampKind : std::uint8_t {
  tolerance,
  stabilization,
  policy,
  min,
  max,
  activation,
  cooldown,
  initial_cooldown,
  idle,
  hold,
  paused,
  paused_replicas,
  paused_scale_in,
  paused_scale_out,
  force_activation,
  growth,        // without a behaviour block: at most double, or 4
  just_started,  // windows have not filled: only up
  left_to_hpa,   // an HPA scales between 1 and N
};
std::string_view to_string(ClampKind kind);
// The kind with that name; nullopt when there is none.
std::optional<ClampKind> clamp_kind(std::string_view name);

// One step. What its words need beside the counts: words.h says which kind uses what.
struct Clamp {
  enum class Unit : std::uint8_t { none, pods, percent };
  ClampKind kind{};
  Unit unit = Unit::none;
  Replicas before = 0;
  Replicas after = 0;
  double number = 0;
  Duration span{};
  std::string detail;  // once told: "max replicas is 10"; lower case, no full stop
  bool operator==(const Clamp&) const = default;
};

// What KEDA's 0<->1 rules made of the object.
enum class Phase : std::uint8_t {
  scaled,   // the arithmetic between 1 and N applies
  cooling,  // so it does, and the workload is inactive and leaves when its cooldown is over
  resting,  // inactive, and no higher than its resting count: stays
  leaving,  // inactive for long enough: goes down to its resting count
};
std::string_view to_string(Phase phase);
std::optional<Phase> phase_named(std::string_view name);

// decide() gives numbers only; tell() of words.h adds the sentences. The first clamp starts at what
// the winner's value asks for (or, when a bound was crossed, at the current count); each next one
// where the one before it ended.
struct Decision {
  Timestamp at;
  Replicas from = 0;    // spec.replicas when it was made
  Replicas to = 0;      // what it should be
  bool active = false;  // any trigger active (or forced)
  std::vector<Proposal> proposals;
  std::optional<std::size_t> winner;  // index into proposals
  std::vector<Clamp> clamps;          // in the order applied; only steps that changed the number
  // The earliest time at which time alone may change the outcome: cooldown, windows, policies.
  std::optional<Timestamp> again_at;
  Phase phase = Phase::scaled;
  // While inactive: when the cooldown (or, when it was never active, the initial one) began.
  std::optional<Timestamp> inactive_since;
  bool ever_active = false;
  std::string reason;  // once told: one sentence for people
  bool operator==(const Decision&) const = default;
};

// What one decision leaves for the next. Survives restarts. Bounded: held by the triggers, highs
// and lows by the windows (one entry per sync period), events by the longest policy period.
struct History {
  struct Held {
    std::optional<Replicas> replicas;  // last proposal from a usable reading
    bool active = false;
    Timestamp at;               // of that reading; 0: there was none
    std::uint64_t trigger = 0;  // trigger_key of its name; 0: of the trigger with the same index
    std::uint32_t series = 0;   // that took part in it
    Timestamp failing_since;    // the first of the failures that count towards a fallback; 0: none
    bool operator==(const Held&) const = default;
  };
  struct Recommendation {
    Timestamp at;  // when it counts from
    Replicas replicas = 0;
    std::uint32_t late_us = 0;  // how much later that is than when it was made
    bool operator==(const Recommendation&) const = default;
  };
  // One sync period of growth: limits count from `base`.
  struct Window {
    Timestamp start;
    Replicas base = 0;
    Replicas change = 0;  // made by our decisions since then
    bool operator==(const Window&) const = default;
  };

  std::vector<Held> held;  // one per trigger, then one of the composite metric
  bool active = false;     // the last decision was active, and that lasts until the next one
  bool seeded = false;     // the count at the start was noted: a newcomer holds it for a window
  std::optional<Timestamp> last_active;       // none: never
  std::optional<Recommendation> recommended;  // the last decision's, in force until the next one
  std::vector<Recommendation> highs;          // oldest first: what can still hold a scale-down
  std::vector<Recommendation> lows;           // oldest first: what can still hold a scale-up
  hpa::ScaleEvents events;                    // of closed windows; none without a behaviour block
  std::optional<Window> window;               // the last one opened
  bool operator==(const History&) const = default;
};

// Neither 0 nor composite_key. Two triggers of one object with the same key are as good as
// impossible (FNV-1a, 64 bits).
std::uint64_t trigger_key(std::string_view name);

// Of the composite metric; no trigger has such a name.
inline constexpr std::uint64_t composite_key = 1;

struct Outcome {
  Decision decision;
  History next;
};

}  // namespace scale
