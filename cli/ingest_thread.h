#pragma once

// One ingest thread: a loop with its receiver, its external scaler and its side of both ports.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/task.h"
#include "cli/settings.h"
#include "net/bearer_token.h"
#include "net/server.h"
#include "otlp/receiver.h"
#include "server/external_scaler.h"
#include "server/questions.h"
#include "server/read_metrics.h"
#include "server/warnings.h"
#include "tsdb/shards.h"

namespace cli {

// What all ingest threads share; it is thread-safe, and outlives them.
struct IngestParts {
  const Clock& clock;
  Log log;
  base::metrics::Registry& metrics;
  tsdb::Shards& store;
  server::Questions& questions;
  server::MetadataWarnings& warnings;
  server::ReadMetrics& reads;
};

struct IngestPorts {
  std::uint16_t otlp = 0;
  std::uint16_t scaler = 0;
};

// Made and destroyed on the control thread; what it owns is confined to its own thread while that
// runs.
class IngestThread {
 public:
  // number: from 0, below the number of shards; it sweeps that one. Number 0 also does what is done
  // once for all.
  IngestThread(IngestParts parts, const Options& options, std::size_t number);
  ~IngestThread();

  // Makes the servers, which do not listen yet. Errors: those of cli/protection.h.
  Result<void> open(const Options& options);
  // Takes part in the ports of `first`, which is not open to anybody yet.
  void take_part_in(IngestThread& first);
  // Errors: those of net::Server::listen.
  Result<IngestPorts> listen(const Options& options, const std::string& bind);
  // Starts the thread.
  void start();

  base::Loop& loop() { return loop_; }
  // Called on the control loop, as what follows.
  void look_at_files();
  // Lets running requests end, tells peers, closes its side of both ports.
  Task<void> drain(Duration grace);
  // Ends everything at once, then the thread; join() awaits that.
  void stop();
  void join();

 private:
  // Which services a port offers.
  struct Offer {
    bool otlp = true;
    bool scaler = true;
  };
  std::unique_ptr<net::Server> make_server(std::string name, const Options& options, Offer offer);
  net::Handlers handlers(Offer offer);
  net::http::Response answer(const net::http::Request& request);
  Task<void> drain_servers(Duration grace);
  Task<void> tick_every_second();
  void give_back_memory();
  Task<void> stop_all();

  const IngestParts parts_;
  const std::size_t number_;
  std::size_t most_bytes_ = 0;  // of series, since memory was given back
  base::Loop loop_;
  std::unique_ptr<net::BearerToken> otlp_token_;  // nullptr: OTLP needs none
  otlp::Receiver receiver_;
  server::ExternalScaler external_scaler_;
  std::unique_ptr<net::Server> otlp_server_;  // nullptr until both ports are to be opened
  std::unique_ptr<net::Server> scaler_server_;
  base::TaskGroup tasks_;
  std::unique_ptr<base::TaskGroup> last_;  // ends the others
  std::thread thread_;
};

}  // namespace cli
