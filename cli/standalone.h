#pragma once

// One machine, no cluster: the embedded API with its journal, workloads as local processes, OTLP
// in, decisions, REST. Shared by `standalone` and `demo`.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "cli/frontend.h"
#include "cli/ingest.h"
#include "cli/interrupt.h"
#include "cli/manifests.h"
#include "cli/settings.h"
#include "cluster/api.h"
#include "cluster/autoscalers.h"
#include "cluster/deployments.h"
#include "control/operator.h"
#include "kube/client.h"
#include "storage/journal.h"

namespace cli {

// What a caller adds to a run. All called on the control loop.
struct StandaloneHooks {
  std::function<void(std::uint16_t otlp_port, std::uint16_t rest_port)> ready;
  std::function<void(const control::DecisionRecord&)> decided;
  std::optional<Duration> run_for;
};

struct StandaloneOptions {
  Options settings;
  std::vector<std::string> paths;         // manifests
  std::vector<std::string> workload_env;  // "NAME=value", what every local workload finds
};

// One run, from start to end. The control loop is the calling thread.
class Standalone {
 public:
  Standalone(StandaloneOptions options, StandaloneHooks hooks);
  ~Standalone();

  // Blocks until the run has ended. Returns the exit status; what went wrong at the start is on
  // standard error.
  int run();

 private:
  Result<void> open();
  cluster::autoscaling::MetricSources metric_sources();
  Task<void> begin();
  Task<void> watch_files();
  void reload_all();
  Task<void> reload();
  Task<void> end_later(Duration after);
  Task<void> shut_down();
  void ask_to_stop();
  std::vector<std::string> missing() const;

  const Options options_;
  const std::vector<std::string> workload_env_;
  const std::filesystem::path data_;
  const StandaloneHooks hooks_;
  Log log_;
  base::SystemClock clock_;
  base::metrics::Registry metrics_;
  base::Loop loop_;
  Manifests manifests_;
  std::unique_ptr<storage::Journal> journal_;
  std::unique_ptr<cluster::Api> api_;
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<control::Board> board_;
  std::unique_ptr<Ingest> ingest_;
  std::unique_ptr<cluster::Deployments> deployments_;
  std::unique_ptr<control::Operator> operator_;
  std::unique_ptr<cluster::Autoscalers> autoscalers_;
  std::unique_ptr<Frontend> frontend_;
  base::TaskGroup operator_tasks_;
  base::TaskGroup tasks_;
  bool loaded_ = false;
  bool reloading_ = false;
  bool stopping_ = false;
  int status_ = 0;
};

}  // namespace cli
