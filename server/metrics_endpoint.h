#pragma once

// GET /metrics: our own metrics, and each object's state as the board knows it, in Prometheus' text
// format.

#include <map>
#include <memory>
#include <set>

#include "base/metrics.h"
#include "control/board.h"
#include "net/http.h"
#include "server/rest.h"

namespace server {

// Keeps tidewheel_object_* and tidewheel_trigger_* in step with the board. Events only mark
// objects; refresh() looks at the marked ones, so a storm of decisions costs nothing between two
// scrapes. Confined to the control loop; board and registry outlive it.
class BoardMetrics {
 public:
  BoardMetrics(control::Board& board, base::metrics::Registry& registry);
  ~BoardMetrics();
  BoardMetrics(const BoardMetrics&) = delete;
  BoardMetrics& operator=(const BoardMetrics&) = delete;

  void refresh();

 private:
  struct ObjectSeries;

  control::Board& board_;
  base::metrics::Registry& registry_;
  control::Board::ListenerId listener_;
  std::set<kube::Key> marked_;
  std::map<kube::Key, std::unique_ptr<ObjectSeries>> series_;
};

// The handler of the metrics port, to be called on the control loop; GET /metrics, everything else
// is 404 or 405. Registers keda_otel_scaler_runtime_info from `info`.
net::http::Handler make_metrics_endpoint(control::Board& board, base::metrics::Registry& registry,
                                         const Info& info);

}  // namespace server
