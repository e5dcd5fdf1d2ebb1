#pragma once

// Keeps Deployments alive without Kubernetes: as many Pods as each asks for, and one local process
// per Pod.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/task.h"
#include "cluster/process/pods.h"
#include "kube/client.h"
#include "scale/hpa/pods.h"

namespace cluster {

using DeploymentsOptions = process::PodsOptions;

// Confined to the control loop. client, clock and registry outlive it. drain() before destruction.
//
// - Pods are named <deployment>-<suffix>, owned by their Deployment, and carry its template. Their
//   finalizer tidewheel.dev/process keeps a removed Pod until its processes are gone.
// - Surplus pods are stopped newest first. A changed template replaces pods one by one, a new one
//   first; with spec.strategy.type Recreate all old ones go first.
// - A Pod whose process ended is started again, after CrashLoopBackOff. Why one cannot start is in
//   its status, and an Event.
// - Pods of an earlier run of Tidewheel have no processes any more: they are removed, and others
//   made.
class Deployments {
 public:
  // Errors: denied (the log folder cannot be made).
  static Result<std::unique_ptr<Deployments>> make(DeploymentsOptions options, kube::Client& client,
                                                   const Clock& clock, Executor executor, Log log,
                                                   base::metrics::Registry& registry);
  ~Deployments();

  // Begins to watch and to reconcile.
  void start();

  // What these pods of a namespace use of cpu and memory (the resource metrics API); pods that were
  // not looked at twice yet are missing.
  std::vector<scale::hpa::PodSample> resource_samples(const std::string& ns,
                                                      std::span<const std::string> pods);

  // Ends every process: SIGTERM, and SIGKILL after `grace`. Pods stay in the API as they are.
  // Nothing is started any more.
  Task<void> drain(Duration grace);

 private:
  struct State;
  explicit Deployments(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace cluster
