#pragma once

// Keeps the series of the store in a file, so that a restart has their windows again; see
// docs/snapshot.md.

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "tsdb/shards.h"
#include "tsdb/snapshot.h"

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
//
// A run that began with less than the one before knew may not say at its end that it knows all
// there was, lest the next one lower replicas for it. That wears off: after `catch_up` every sample
// from before has left its window.
class Snapshots {
 public:
  static constexpr Duration catch_up = std::chrono::hours(1);

  Snapshots(std::filesystem::path file, Duration interval, SnapshotParts parts);
  // Writes a last one, where begin() was called. Nobody changes the store any more.
  ~Snapshots();
  Snapshots(const Snapshots&) = delete;
  Snapshots& operator=(const Snapshots&) = delete;

  // Puts the series of the file back into the store, and says so. What is there but is no whole
  // snapshot is put aside, as FILE.unreadable. Blocking; before points come in.
  void restore();
  // The moment up to which everything that was known is in the store, after restore(); the
  // beginning of time where points were lost. nullopt: it began empty.
  std::optional<Timestamp> as_of() const { return as_of_; }

  // From now on one is written at every interval.
  void begin();

 private:
  void run();
  void write_and_say(tsdb::Coverage coverage);
  Result<void> write(tsdb::Coverage coverage);

  const std::filesystem::path file_;
  const Duration interval_;
  const SnapshotParts parts_;
  base::metrics::Counter& written_;
  base::metrics::Counter& failed_;
  base::metrics::Gauge& bytes_;
  base::metrics::Gauge& seconds_;
  std::optional<Timestamp> as_of_;
  Instant complete_from_;  // when this run knows all that there was
  bool failing_ = false;   // and said so

  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace cli
