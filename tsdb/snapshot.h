#pragma once

// Series as bytes that can be put on disk and read again, see docs/snapshot.md for the layout. What
// is read is checked as a whole before any of it is used: a file that is cut off, damaged or
// somebody else's gives nothing.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "tsdb/snapshot_block.h"

namespace tsdb {

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
