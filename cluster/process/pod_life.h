#pragma once

// The life of one pod: what its process has done, what comes next, and how its status says so. No
// input or output.

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "cluster/process/crash_backoff.h"
#include "cluster/process/runner.h"
#include "kube/workload.h"

namespace cluster::process {

// Confined to its owner.
//
//   waiting ──begun──> starting ──started──> running ──ended──> waiting, until due()
//      └──────────────────┴─────── stop(), and ended ────┴──> gone
class PodLife {
 public:
  PodLife(kube::Pod pod, CrashBackoffOptions backoff, Instant now)
      : pod_(std::move(pod)), backoff_(backoff), restart_at_(now) {}

  const kube::Pod& pod() const { return pod_; }
  std::optional<RunId> run() const { return run_; }
  bool ready() const { return state_ == State::running && !stopping_; }
  bool stopping() const { return stopping_; }
  // Stopped, and no process is left.
  bool gone() const { return stopping_ && !run_; }
  bool started_before() const { return attempts_ > 0; }
  // When to start its process; nullopt: it has one, or shall have none.
  std::optional<Instant> due() const;

  // A run was begun, and will tell started and ended, or only ended.
  void begun(RunId run);
  void started(Timestamp now, Instant steady);
  // Also without begun(), when no run could be begun. Returns how long it waits for the next start.
  Duration ended(const Ended& how, Timestamp now, Instant steady);
  void stop(Timestamp now);

  kube::PodStatus status() const;

 private:
  enum class State : std::uint8_t { waiting, starting, running, terminated };

  std::vector<kube::Condition> conditions() const;
  kube::ContainerStatus container_status() const;

  kube::Pod pod_;
  CrashBackoff backoff_;
  Instant restart_at_;
  State state_ = State::waiting;
  bool stopping_ = false;
  bool ever_ran_ = false;
  std::int32_t attempts_ = 0;  // starts so far
  std::optional<RunId> run_;
  std::optional<Timestamp> ready_changed_;  // none: never ready, since it was made
  std::optional<Instant> running_since_;
  std::optional<Timestamp> started_;
  std::optional<Timestamp> finished_;
  std::optional<Ended> last_;  // of the run before
  Duration wait_{0};
};

// "exited with code 3", "was ended by signal 9 (Killed)", or the reason why it could not start.
std::string describe(const Ended& how);

}  // namespace cluster::process
