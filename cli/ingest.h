#pragma once

// The ingest thread: it owns the OTLP and external-scaler ports, and the series they fill.

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/task.h"
#include "cli/protection.h"
#include "cli/settings.h"
#include "net/server.h"
#include "otlp/receiver.h"
#include "server/external_scaler.h"
#include "tsdb/gateway.h"
#include "tsdb/store.h"

namespace cli {

// Made and destroyed on the control thread; what it owns is confined to its own thread while that
// runs.
class Ingest {
 public:
  // Opens both ports, then starts the thread. Errors: those of net::Server::listen, naming the
  // port, and of cli/protection.h.
  static Result<std::unique_ptr<Ingest>> start(const Options& options, const std::string& bind,
                                               const Clock& clock, Log log,
                                               base::metrics::Registry& metrics);
  ~Ingest();

  tsdb::Gateway& gateway() { return gateway_; }
  const server::MetadataWarnings& warnings() const { return warnings_; }
  server::ReadMetrics& reads() { return reads_; }  // of this thread
  std::uint16_t otlp_port() const { return otlp_port_; }
  std::uint16_t scaler_port() const { return scaler_port_; }

  // Reads the files of certificates again. Called on the control loop.
  void look_at_files();

  // Lets running requests end, tells peers, closes both ports. Called on the control loop.
  Task<void> drain(Duration grace);

 private:
  Ingest(const Options& options, const Clock& clock, Log log, base::metrics::Registry& metrics);
  Result<void> listen(const Options& options, const std::string& bind);
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
  Task<void> stop_all();
  void run();

  const Clock& clock_;
  const Log log_;
  base::metrics::Registry& metrics_;
  base::Loop loop_;
  tsdb::Store store_;
  tsdb::Gateway gateway_;
  std::unique_ptr<net::BearerToken> otlp_token_;  // nullptr: OTLP needs none
  otlp::Receiver receiver_;
  server::MetadataWarnings warnings_;
  server::ReadMetrics reads_;
  server::ExternalScaler external_scaler_;
  std::unique_ptr<net::Server> otlp_server_;  // nullptr until both ports are to be opened
  std::unique_ptr<net::Server> scaler_server_;
  base::TaskGroup tasks_;
  std::uint16_t otlp_port_ = 0;
  std::uint16_t scaler_port_ = 0;
  std::thread thread_;
};

}  // namespace cli
