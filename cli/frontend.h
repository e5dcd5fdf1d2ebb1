#pragma once

// The REST and metrics ports of a running process, on the control loop.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/task.h"
#include "cli/ingest.h"
#include "cli/settings.h"
#include "control/board.h"
#include "net/server.h"

namespace cli {

struct FrontendParts {
  base::Loop& loop;
  control::Board& board;
  Ingest& ingest;
  const Clock& clock;
  base::metrics::Registry& metrics;
  Log log;
};

// Confined to the control loop; what the parts refer to outlives it.
class Frontend {
 public:
  explicit Frontend(FrontendParts parts);

  // Opens both ports. missing: parts that are not ready yet, for /readyz. Errors: those of
  // net::Server::listen and of cli/protection.h; drain() is due then too.
  Result<void> listen(const Options& options, const std::string& bind,
                      std::function<std::vector<std::string>()> missing);

  std::uint16_t rest_port() const { return rest_port_; }
  std::uint16_t metrics_port() const { return metrics_port_; }

  // Reads the files of certificates again.
  void look_at_files();

  // Ends both ports; due before destruction.
  Task<void> drain(Duration grace);

 private:
  FrontendParts parts_;
  std::unique_ptr<net::BearerToken> rest_token_;  // nullptr: changing something needs none
  // Handlers are made once the ports are known, which /info tells.
  net::http::Handler rest_;
  net::http::Handler metrics_;
  net::Server rest_server_;
  net::Server metrics_server_;
  std::uint16_t rest_port_ = 0;
  std::uint16_t metrics_port_ = 0;
};

// "ready otlp=4317 scaler=4318 rest=9090 metrics=8080", the line that scripts wait for.
std::string ready_line(const Ingest& ingest, const Frontend& frontend);

}  // namespace cli
