#pragma once

// Runs pods as local processes of which none outlives this one. See README.md for the tree of
// processes.

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "cluster/process/metrics.h"
#include "cluster/process/protocol.h"

namespace cluster::process {

enum class RunId : std::uint64_t {};

// The command runs.
struct Started {
  pid_t pid = 0;
};

// No process of the run is left. The last event of a run.
struct Ended {
  enum class How : std::uint8_t {
    exited,       // value: exit code
    signalled,    // value: signal number
    not_started,  // what: why, in words a user can act on: "command not found: foo"
    lost,         // its keeper was killed; so were all its processes
  };
  How how{};
  int value = 0;
  std::string what;
};

using Event = std::variant<Started, Ended>;

struct RunnerOptions {
  std::string executable = "/proc/self/exe";  // a program whose main() asks is_keeper()
  std::size_t runs_max = 2'000;               // at the same time
};

// Confined to its loop. Takes this whole process over as parent: it adopts orphans, and should a
// keeper be killed, every child that is not a keeper is taken for that pod's and killed. drain()
// before destruction.
class Runner {
 public:
  // Called on the loop, never from within start() or stop().
  using Listener = std::function<void(RunId, const Event&)>;

  Runner(RunnerOptions options, Executor executor, Log log, Metrics& metrics);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Whether the command can run is told to `listener`, which hears Started at most once and Ended
  // exactly once. Errors: exhausted (too many runs, or too large a spec); unavailable (no process
  // or descriptor to be had).
  Result<RunId> start(const Spec& spec, Listener listener);

  // SIGTERM to the main process and its group, and to the rest when it has ended; SIGKILL to all
  // that is left after `grace`. Again: the grace can only shrink. Unknown runs are ignored, for
  // they have ended.
  void stop(RunId id, Duration grace);

  std::size_t running() const { return runs_.size(); }
  // The pid of each run's keeper, the root of its tree of processes.
  std::map<RunId, pid_t> keepers() const;

  // Stops every run and waits until no process is left. No run can be started any more.
  Task<void> drain(Duration grace);

 private:
  struct Run;

  Task<void> follow(RunId id);
  Task<void> lose_keeper(std::string name);
  std::size_t kill_strays();  // how many there were
  Task<Result<void>> until_idle();
  void hear(Run& run, RunId id, const Report& report);

  RunnerOptions options_;
  Executor executor_;
  Log log_;
  Metrics& metrics_;
  std::map<RunId, std::unique_ptr<Run>> runs_;
  std::uint64_t last_id_ = 0;
  bool draining_ = false;
  base::Signal ended_;
  base::TaskGroup tasks_;
};

}  // namespace cluster::process
