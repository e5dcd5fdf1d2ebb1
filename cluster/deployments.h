#pragma once

// Keeps Deployments alive without Kubernetes: as many Pods as each asks for, and one local process
// per Pod.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/task.h"
#include "cluster/process/crash_backoff.h"
#include "cluster/process/runner.h"
#include "kube/client.h"

namespace cluster {

struct DeploymentsOptions {
  std::filesystem::path log_folder;  // one file per pod; made where it is missing
  // "NAME=value", what every container finds besides its own variables: PATH, HOME and LANG of
  // Tidewheel.
  std::vector<std::string> inherited_env{"PATH=/usr/local/bin:/usr/bin:/bin"};
  process::RunnerOptions runner;
  process::CrashBackoffOptions backoff;
  std::uint64_t log_bytes_max = 10u << 20;     // of one pod; its file and the one before it
  std::size_t logs_of_removed_pods_max = 100;  // how many removed pods keep their log
  std::size_t starts_per_turn_max = 10;  // processes started before the loop gets its turn again
};

// Confined to the control loop. client, clock and registry outlive it. drain() before destruction.
//
// - Pods are named <deployment>-<suffix>, owned by their Deployment, and carry its template. They
// have the finalizer
//   tidewheel.dev/process: a removed Pod is gone when its processes are.
// - Surplus pods are stopped newest first. A changed template replaces pods one by one, a new one
// first (or all at once, old ones first:
//   spec.strategy.type Recreate).
// - A Pod whose process ended is started again, after CrashLoopBackOff. Why one cannot start is in
// its status, and an Event.
// - Pods of an earlier run of Tidewheel have no processes any more: they are removed, and others
// made.
class Deployments {
 public:
  // Errors: denied (the log folder cannot be made).
  static Result<std::unique_ptr<Deployments>> make(DeploymentsOptions options, kube::Client& client,
                                                   const Clock& clock, Executor executor, Log log,
                                                   base::metrics::Registry& registry);
  ~Deployments();

  // Begins to watch and to reconcile.
  void start();

  // Ends every process: SIGTERM, and SIGKILL after `grace`. Pods stay in the API as they are.
  // Nothing is started any more.
  Task<void> drain(Duration grace);

 private:
  struct State;
  explicit Deployments(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace cluster
