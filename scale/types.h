#pragma once

// What goes into a decision and what comes out of it. Plain values.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace scale {

using Replicas = std::int32_t;

// One trigger's signal at one moment. Never pretends: missing is not zero.
struct Reading {
  enum class State : std::uint8_t {
    value,
    absent,  // the source answered: nothing there; pushed: no series has matched since the start
    stale,   // it matched, and the newest sample is older than the window
    error,   // the source failed; `error` says how, in words a user can act on
    not_a_number,
  };
  State state = State::absent;
  double value = 0;          // when state is value
  Timestamp newest;          // the newest sample behind it; 0 when there is none
  std::uint32_t series = 0;  // how many series took part
  std::string error;

  bool operator==(const Reading&) const = default;
};

std::string_view to_string(Reading::State state);
// The state with that name; nullopt when there is none.
std::optional<Reading::State> reading_state(std::string_view name);

// One trigger as its manifest states it.
struct TriggerSpec {
  std::string name;       // the manifest's name, or "type-index"
  std::string type;       // "kedify-otel"
  std::string query;      // for people
  double target = 1;      // AverageValue: what one replica carries; > 0
  double activation = 0;  // active when value > activation
};

enum class PolicyType : std::uint8_t { pods, percent };
enum class SelectPolicy : std::uint8_t { max, min, disabled };

struct Policy {
  PolicyType type = PolicyType::pods;
  std::int32_t value = 0;
  Duration period{};
  bool operator==(const Policy&) const = default;
};

// One direction of autoscaling/v2's behaviour.
struct Rules {
  Duration stabilization{};
  SelectPolicy select = SelectPolicy::max;
  std::vector<Policy> policies;  // empty: no rate limit
  double tolerance = 0.1;
};

struct Spec {
  Replicas min = 0;
  Replicas max = 100;
  std::optional<Replicas> idle;
  Duration cooldown = std::chrono::seconds(300);
  Duration initial_cooldown{};
  Rules up;
  Rules down{.stabilization = std::chrono::seconds(300)};
  bool paused = false;
  std::optional<Replicas> paused_replicas;
  bool paused_scale_in = false;
  bool paused_scale_out = false;
  bool force_activation = false;
  std::vector<TriggerSpec> triggers;
};

// The workload as it is now.
struct Workload {
  Replicas replicas = 0;     // spec.replicas
  Timestamp object_created;  // metadata.creationTimestamp of the ScaledObject
};

// What one trigger asks for.
struct Proposal {
  std::size_t trigger = 0;  // index into Spec::triggers
  Reading reading;
  bool active = false;
  bool held = false;                 // no usable reading: the last proposal stands
  std::optional<Replicas> replicas;  // none: it has never proposed anything
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
};
std::string_view to_string(ClampKind kind);
// The kind with that name; nullopt when there is none.
std::optional<ClampKind> clamp_kind(std::string_view name);

struct Clamp {
  ClampKind kind{};
  Replicas before = 0;
  Replicas after = 0;
  std::string detail;  // "max replicas is 10"; lower case, no full stop
  bool operator==(const Clamp&) const = default;
};

// The first clamp starts at what the winner's value asks for; each next one where the one before it
// ended.
struct Decision {
  Timestamp at;
  Replicas from = 0;    // spec.replicas when it was made
  Replicas to = 0;      // what it should be
  bool active = false;  // any trigger active (or forced)
  std::vector<Proposal> proposals;
  std::optional<std::size_t> winner;  // index into proposals
  std::vector<Clamp> clamps;          // in the order applied; only steps that changed the number
  std::string reason;                 // one sentence for people
  // The earliest time at which time alone may change the outcome: cooldown, windows, policies.
  std::optional<Timestamp> again_at;
  bool operator==(const Decision&) const = default;
};

// What one decision leaves for the next. Survives restarts.
struct History {
  struct Held {
    std::optional<Replicas> replicas;  // last proposal from a usable reading
    bool active = false;
    Timestamp at;
    std::string trigger;  // whose it is; empty: of the trigger with the same index
    bool operator==(const Held&) const = default;
  };
  struct Recommendation {
    Timestamp at;  // when it was last in force
    Replicas replicas = 0;
    bool operator==(const Recommendation&) const = default;
  };
  struct ScaleEvent {
    Timestamp at;
    Replicas change = 0;  // positive up, negative down
    bool operator==(const ScaleEvent&) const = default;
  };
  std::vector<Held> held;  // one per trigger
  bool active = false;     // the last decision was active, and that lasts until the next one
  std::optional<Timestamp> last_active;         // none: never
  std::vector<Recommendation> recommendations;  // bounded by the longest stabilization window
  std::vector<ScaleEvent> events;               // bounded by the longest policy period
  bool operator==(const History&) const = default;
};

// What a history may hold at most. Beyond it the two oldest entries become one, on the cautious
// side.
inline constexpr std::size_t recommendations_max = 256;
inline constexpr std::size_t events_max = 256;

struct Outcome {
  Decision decision;
  History next;
};

}  // namespace scale
