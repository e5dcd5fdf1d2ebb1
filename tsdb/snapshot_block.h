#pragma once

// One block of a snapshot: series with what they share, see docs/snapshot.md for the layout.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "tsdb/listing.h"
#include "tsdb/metadata.h"
#include "tsdb/starts.h"
#include "tsdb/types.h"

namespace tsdb {

class Histograms;
class SeriesIndex;

// What one shard holds.
struct SnapshotSource {
  const SeriesIndex& index;
  const Histograms& histograms;
};

// Appends the series at `from` and after to `block`, until it has grown by `bytes_max` (above 0).
// Returns where the next block begins; nullopt: that was all.
std::optional<Place> write_block(const SnapshotSource& source, const Place& from,
                                 std::size_t bytes_max, std::string& block);

// One series of a snapshot. Names and label sets are the numbers of those read before in the same
// block.
struct SnapshotSeries {
  std::size_t metric = 0;
  std::size_t resource = 0;
  std::size_t scope = 0;
  std::size_t attributes = 0;
  Shape shape{};
  Timestamp ended;
  Starts starts;
  std::string_view samples;  // tsdb::Sample, one after the other, as they lie in memory
};

// What lies beside one sample of the series before it.
struct SnapshotHistogram {
  Timestamp time;
  std::optional<std::size_t> bounds;  // which of those read before in the same block; none:
                                      // exponential
  std::string_view packed;            // tsdb/packed_histogram.h
};

// Told what a snapshot holds, in its order.
class SnapshotVisitor {
 public:
  virtual ~SnapshotVisitor() = default;
  virtual void block() = 0;  // a new one: numbers begin at 0 again
  virtual void metric(std::string_view name, Duration retention) = 0;
  virtual void metadata(const MetadataView& said) = 0;  // of the metric before it
  virtual void labels(std::string_view packed) = 0;     // sorted, names unique
  virtual void bounds(std::span<const double> bounds) = 0;
  virtual void series(SnapshotSeries series) = 0;
  virtual void histogram(const SnapshotHistogram& histogram) = 0;
};

// Tells the visitor what a block holds; false where it does not make sense.
bool read_block(std::string_view payload, SnapshotVisitor& visitor);

}  // namespace tsdb
