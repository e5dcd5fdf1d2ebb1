#pragma once

// The ingest threads, the ports they serve, and the series they fill.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/task.h"
#include "cli/ingest_thread.h"
#include "cli/settings.h"
#include "cli/snapshots.h"
#include "server/questions.h"
#include "server/read_metrics.h"
#include "server/warnings.h"
#include "tsdb/gateway.h"
#include "tsdb/shards.h"

namespace cli {

constexpr std::size_t ingest_threads_max = 16;

// How many threads take points, and how many shards hold them. Without a word of the user one less
// than the processors, which the control loop is left; at least 1. Errors: invalid, naming the
// setting.
Result<std::size_t> ingest_threads(const Options& options, std::size_t cpus);

// Made and destroyed on the control thread.
class Ingest {
 public:
  // Restores the snapshot, opens both ports, then starts the threads. Errors: those of
  // net::Server::listen, naming the port, of cli/protection.h, and of ingest_threads(). What is
  // wrong with a snapshot is logged.
  static Result<std::unique_ptr<Ingest>> start(const Options& options, const std::string& bind,
                                               const Clock& clock, Log log,
                                               base::metrics::Registry& metrics);
  ~Ingest();

  tsdb::Gateway& gateway() { return gateway_; }
  const server::MetadataWarnings& warnings() const { return warnings_; }
  server::ReadMetrics& reads() { return reads_; }
  std::uint16_t otlp_port() const { return ports_.otlp; }
  std::uint16_t scaler_port() const { return ports_.scaler; }
  std::size_t threads() const { return threads_.size(); }
  // See Snapshots::as_of(); nullopt also where there are none.
  std::optional<Timestamp> restored_as_of() const {
    return snapshots_ ? snapshots_->as_of() : std::nullopt;
  }

  // Reads the files of certificates again. Called on the control loop.
  void look_at_files();

  // Lets running requests end, tells peers, closes both ports. Called on the control loop.
  Task<void> drain(Duration grace);

 private:
  Ingest(const Options& options, std::size_t threads, const Clock& clock, Log log,
         base::metrics::Registry& metrics);
  Result<void> listen(const Options& options, const std::string& bind);

  const Log log_;
  tsdb::Shards store_;                    // a shard for each thread
  std::unique_ptr<Snapshots> snapshots_;  // nullptr: none; writes when the threads have ended
  server::Questions questions_;
  server::MetadataWarnings warnings_;
  server::ReadMetrics reads_;
  std::vector<std::unique_ptr<IngestThread>> threads_;
  tsdb::Gateway gateway_;  // by the first thread
  IngestPorts ports_;
};

}  // namespace cli
