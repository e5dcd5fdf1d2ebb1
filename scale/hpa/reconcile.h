#pragma once

// One pass of the controller, as pure functions: route() says whether anything must be read,
// reconcile() decides, written() takes in how the write of the scale went.

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "scale/hpa/limits.h"
#include "scale/hpa/recommend.h"
#include "scale/hpa/zero.h"

namespace scale::hpa {

// Why there is no scale object.
struct ScaleError {
  ErrorKind kind = ErrorKind::internal;  // spec: the target's apiVersion is malformed
  std::string what;
};

// What the scale's selector turned out to be.
struct PodSelector {
  enum class State : std::uint8_t { usable, missing, unparsable, ambiguous };
  State state = State::usable;
  std::string detail;  // unparsable: why; ambiguous: which HPAs share the pods
};

struct PassInput {
  const Spec& spec;
  std::expected<Scale, ScaleError> scale;  // read live
  PodSelector selector;                    // looked at by Route::by_metrics alone
  const Observations& observed;            // likewise
  const Config& config;
  const Gates& gates;
  Timestamp now;
  std::optional<std::int64_t> generation;  // for status.observedGeneration; none: leave it alone
};

// What stays between passes: the object's status and the controller's memory of it.
struct State {
  Status status;
  History history;
  bool operator==(const State&) const = default;
};

// The four ways a pass can go, decidable before anything but the scale is read.
enum class Route : std::uint8_t {
  paused,      // at zero by somebody's hand
  above_max,   // to max at once
  below_min,   // to min at once
  by_metrics,  // the only one for which selector, pods and metrics are needed
};
Route route(const Spec& spec, Scale scale, const Conditions& stored, const Gates& gates);

struct Pass {
  State next;                     // the status still without the outcome of a write
  std::optional<Replicas> write;  // the count to write to the scale; none: nothing to write
  std::string reason;             // why, as the event says it
  std::vector<Event> events;
  ErrorKind error = ErrorKind::none;  // the pass counts as failed; scaling may go on
  std::string error_text;
};

// Decides. Nothing else is to be done when `write` is empty; the status is to be stored when it
// differs from the one that came in. On the steady path (one External or Object metric, nothing
// changes) nothing is allocated.
Pass reconcile(const PassInput& input, State state);

// How the write went: none is success, else the text of the last error.
using WriteError = std::optional<std::string>;

// Success: SucceededRescale, event, scale event, ScaledToZero, lastScaleTime, desired. Failure:
// FailedUpdateScale, event, internal error; the recommendation stays recorded. pass.write is set.
Pass written(const PassInput& input, Pass pass, WriteError error);

// A write that meets a conflict reads the scale again and tries again, 5 attempts in all, this far
// apart; any other error ends it.
inline constexpr int write_attempts_max = 5;
inline constexpr Duration write_pause = std::chrono::milliseconds(10);
inline constexpr double write_jitter = 0.1;  // of the pause, on top
enum class WriteAnswer : std::uint8_t { done, conflict, failed };
// Whether to try again after the answer to attempt number `attempt` (from 1).
bool tries_again(WriteAnswer answer, int attempt);

}  // namespace scale::hpa
