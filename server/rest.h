#pragma once

// The REST API, its OpenAPI document and the web page: one handler for the REST port.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/task.h"
#include "control/board.h"
#include "net/bearer_token.h"
#include "net/http.h"
#include "server/read_metrics.h"
#include "server/warnings.h"
#include "tsdb/gateway.h"

namespace server {

// What /info says, besides version, commit and platform.
struct Info {
  Duration retention{};
  std::uint16_t scaler_port = 0;
  std::uint16_t otlp_port = 0;
  std::uint16_t metrics_port = 0;
  std::uint16_t rest_port = 0;
};

// How server-sent events flow to each client.
struct EventOptions {
  Duration heartbeat = std::chrono::seconds(15);   // a comment when there is nothing else to say
  Duration pace = std::chrono::milliseconds(200);  // between two batches, so that a storm is folded
  std::size_t pending_max =
      1'000;  // undelivered objects or decisions of one client; beyond: dropped, then `resync`
  std::size_t clients_max = 64;  // beyond: 503
};

// Everything referred to lives on the control loop and outlives the handler and its running
// requests.
struct RestDependencies {
  Executor executor;  // the control loop's
  control::Board& board;
  tsdb::Gateway& store;
  const Clock& clock;
  std::function<std::vector<std::string>()>
      missing;  // parts that are not ready yet, in words; empty function: ready
  Info info;
  std::string bind;  // the address listened on; a loopback one makes foreign Host headers refused
  // What requests that change something must carry; nullptr: nothing. Outlives the handler.
  net::BearerToken* token = nullptr;
  EventOptions events = {};
  Log log = {};
  base::metrics::Registry& metrics;
  const MetadataWarnings* warnings = nullptr;  // none: there is no external scaler
  ReadMetrics* reads = nullptr;                // where queries are counted
};

// The handler of the REST port, to be called on the control loop. Every route of server/routes.h.
net::http::Handler make_rest(RestDependencies dependencies);

}  // namespace server
