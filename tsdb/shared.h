#pragma once

// What the shards of one store have in common.

#include <atomic>
#include <cstddef>

#include "base/metrics.h"
#include "tsdb/digest.h"
#include "tsdb/points_written.h"

namespace tsdb {

// Thread-safe; outlives the shards.
struct SharedByShards {
  SharedByShards(base::metrics::Registry& registry, std::size_t written_names_max)
      : written(registry, written_names_max) {}

  const Hasher hasher;
  WrittenNames written;
  std::atomic<std::size_t> series{0};    // of all shards
  std::atomic<std::size_t> bytes{0};     // of them, as each shard has told last
  std::atomic<bool> series_told{false};  // that they are too many
  std::atomic<bool> bytes_told{false};   // that these are
  // How many series feed standing queries, counted once for each query.
  std::atomic<std::size_t> links{0};
};

}  // namespace tsdb
