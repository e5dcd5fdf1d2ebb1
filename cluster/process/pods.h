#pragma once

// The pods of every Deployment and their processes. What the API knows of them is the caller's.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "cluster/process/crash_backoff.h"
#include "cluster/process/log_folder.h"
#include "cluster/process/metrics.h"
#include "cluster/process/pod_life.h"
#include "cluster/process/runner.h"
#include "cluster/process/usage_meter.h"
#include "kube/client.h"
#include "kube/workload.h"

namespace cluster::process {

struct PodsOptions {
  std::filesystem::path log_folder;  // one file per pod; made where it is missing
  // "NAME=value", what every container finds besides its own variables: PATH, HOME and LANG of
  // Tidewheel.
  std::vector<std::string> inherited_env{"PATH=/usr/local/bin:/usr/bin:/bin"};
  RunnerOptions runner;
  CrashBackoffOptions backoff;
  std::uint64_t log_bytes_max = 10u << 20;     // of one pod: its file, and the one before it
  std::size_t logs_of_removed_pods_max = 100;  // so many removed pods keep their log
  Duration usage_interval = std::chrono::seconds(10);  // between looks at what pods use
  std::size_t starts_per_turn_max = 5;  // processes started before the loop gets its turn again
};

// One pod, its process, and what the API was told of it.
struct Member {
  PodLife life;
  std::string template_hash;
  std::uint64_t order;  // ascending in time of creation, over all pods
  std::string log_file;
  std::optional<kube::PodStatus> written;  // to the API
  std::optional<Ended> unreported;         // an end that nobody asked for
};

using Members = std::map<std::string, Member>;  // by the pod's name

// Confined to its loop. The clock and metrics outlive it. drain() before destruction.
class Pods {
 public:
  // Called with the key of a Deployment when a process of its pods has started or ended.
  using Changed = std::function<void(const kube::Key&)>;

  // Errors: denied (the log folder cannot be made).
  static Result<std::unique_ptr<Pods>> make(PodsOptions options, const Clock& clock,
                                            Executor executor, Log log, Metrics& metrics,
                                            Changed changed);

  // The pods of a Deployment; valid until forget() of it. Only add() and drop() change which there
  // are.
  Members& of(const kube::Key& deployment) { return pods_[deployment]; }
  std::vector<kube::Key> deployments() const;
  // A Deployment without pods is known no more.
  void forget(const kube::Key& deployment) { pods_.erase(deployment); }

  // A pod that is to run, as the API has made it.
  void add(const kube::Key& deployment, kube::Pod pod, std::string template_hash);
  // Ends its processes, with the pod's own grace; it is not started again.
  void end(Member& pod);
  // Drops a pod that is gone; its log is kept for a while.
  void drop(const kube::Key& deployment, const std::string& pod);

  // Starts what is to be started by now, a bounded number. Returns when there will be more.
  std::optional<Duration> start_due(const kube::Key& deployment);

  // What a pod's processes use; none until two looks at them, the first of which this may be.
  std::optional<Usage> usage_of(const Member& pod);

  // Ends every process and waits until none is left.
  Task<void> drain(Duration grace) { return runner_.drain(grace); }

 private:
  Pods(PodsOptions options, LogFolder logs, const Clock& clock, Executor executor, Log log,
       Metrics& metrics, Changed changed);

  void look_at_usage();
  void start(const kube::Key& deployment, Member& pod);
  Result<RunId> begin_run(const kube::Key& deployment, const Member& pod);
  void hear(const kube::Key& deployment, const std::string& name, const Event& event);

  const PodsOptions options_;
  LogFolder logs_;
  const Clock& clock_;
  Log log_;
  Metrics& metrics_;
  Changed changed_;
  std::map<kube::Key, Members> pods_;
  std::uint64_t last_order_ = 0;
  UsageMeter meter_{options_.usage_interval};
  Runner runner_;
};

}  // namespace cluster::process
