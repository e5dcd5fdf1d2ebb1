#pragma once

// Series as bytes that can be put on disk and read again, see docs/snapshot.md for the layout. What
// is read is checked as a whole before any of it is used: a file that is cut off, damaged or
// somebody else's gives nothing.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
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

// What a snapshot is of.
enum class Coverage : std::uint32_t {
  moment = 0,    // what was known then; more came afterwards
  complete = 1,  // all that was ever known, since nothing came any more
};

// Frames blocks so that they can be told from what is no snapshot, or not all of one. Errors of the
// sink end it.
class SnapshotWriter {
 public:
  using Sink = std::function<Result<void>(std::string_view)>;

  explicit SnapshotWriter(Sink sink);
  ~SnapshotWriter();

  // In this order: begin, any number of blocks, end.
  Result<void> begin(Timestamp created, Coverage coverage);
  Result<void> block(std::string_view payload);
  Result<void> end();

 private:
  Result<void> write(std::string_view bytes);

  Sink sink_;
  struct Hash;
  std::unique_ptr<Hash> hash_;
};

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

// A snapshot that is whole. The bytes outlive it.
class Snapshot {
 public:
  // Errors: invalid, saying what is wrong.
  static Result<Snapshot> check(std::string_view bytes);

  Timestamp created() const { return created_; }
  Coverage coverage() const { return coverage_; }
  std::size_t series() const { return series_; }
  void visit(SnapshotVisitor& visitor) const;

 private:
  Snapshot() = default;

  std::string_view blocks_;
  Timestamp created_;
  Coverage coverage_ = Coverage::moment;
  std::size_t series_ = 0;
};

}  // namespace tsdb
