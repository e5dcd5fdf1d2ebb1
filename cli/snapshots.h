#pragma once

// Keeps the series of the store in a file, so that a restart has their windows again; see
// docs/snapshot.md.

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "tsdb/shards.h"

namespace cli {

// All of it outlives the snapshots.
struct SnapshotParts {
  tsdb::Shards& store;
  const Clock& clock;
  Log log;
  base::metrics::Registry& metrics;
};

// Made and destroyed on the control thread. A thread of its own writes, since it waits for the
// disk.
class Snapshots {
 public:
  Snapshots(std::filesystem::path file, Duration interval, SnapshotParts parts);
  // Writes a last one, where begin() was called. Nobody changes the store any more.
  ~Snapshots();
  Snapshots(const Snapshots&) = delete;
  Snapshots& operator=(const Snapshots&) = delete;

  // Puts the series of the file back into the store, and says so. What is there but is no whole
  // snapshot is put aside, as FILE.unreadable. Blocking; before points come in.
  void restore();

  // From now on one is written at every interval.
  void begin();

 private:
  void run();
  void write_and_say();
  Result<void> write();

  const std::filesystem::path file_;
  const Duration interval_;
  const SnapshotParts parts_;
  base::metrics::Counter& written_;
  base::metrics::Counter& failed_;
  base::metrics::Gauge& bytes_;
  base::metrics::Gauge& seconds_;
  bool failing_ = false;  // and said so

  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace cli
