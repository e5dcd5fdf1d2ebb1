#pragma once

// The Kubernetes operator: watches ScaledObjects and their workloads through one kube::Client,
// keeps a standing query per trigger, decides when a signal, an object or time changes, and writes
// the difference. It does not know whether the API behind the client is the embedded cluster or a
// real one.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/task.h"
#include "control/board.h"
#include "kube/client.h"
#include "scale/hpa/arithmetic.h"
#include "scale/hpa/selector.h"
#include "storage/journal.h"
#include "tsdb/gateway.h"

namespace control {

struct OperatorOptions {
  // scalerAddress patterns of external triggers that are answered here.
  std::vector<std::string> own_scaler_addresses = {"*otel*:4318"};
  // How often a trigger's value, target and replicas are kept for the page.
  Duration point_interval = std::chrono::seconds(15);
  // The engine of objects without the annotation tidewheel.dev/engine.
  std::string default_engine = "direct";
  // How far back the store holds what no trigger asks for; what a trigger without a window sees.
  Duration retention = std::chrono::seconds(120);
  // The store began with what was known then; nullopt: with nothing.
  std::optional<Timestamp> store_as_of;
  bool keeps_all_metrics = true;  // false: a metric from when its object appears
  // Objects decided before the loop lets others run.
  std::size_t decisions_per_turn_max = 64;
};

struct OperatorParts {
  base::Loop& loop;
  kube::Client& client;
  tsdb::Gateway& gateway;
  Board& board;
  storage::Journal* journal;  // may be nullptr: history does not survive then
  const Clock& clock;
};

// Confined to the control loop. What the parts refer to outlives it.
class Operator {
 public:
  Operator(OperatorParts parts, OperatorOptions options, Log log, base::metrics::Registry& metrics);
  ~Operator();

  // Runs until its task is stopped.
  Task<void> run();

  // True once every existing object has been read and decided for the first time.
  bool synced() const;

  // external.metrics.k8s.io for the HPAs of engine hpa: what `metric` of the ScaledObject that the
  // selector names reads now, in thousandths. Errors: invalid without such a selector; not_found;
  // unavailable where the trigger's data are missing and it holds.
  Result<scale::hpa::Milli> external_metric(const std::string& ns, const std::string& metric,
                                            const std::optional<scale::hpa::Selector>& selector);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace control
