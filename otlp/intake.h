#pragma once

// A batch's way into the store: which shards it goes to, which of its series are known there, the
// labels of those that are not, and then its points.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "otlp/batch.h"
#include "otlp/resource_homes.h"
#include "otlp/row_labels.h"
#include "otlp/tally.h"
#include "tsdb/shards.h"

namespace otlp {

// Confined to its owner; the store outlives it.
class Intake {
 public:
  // first_shard: where a batch that goes to several shards begins. Threads that begin with
  // different ones do not wait for each other at every one.
  Intake(tsdb::Shards& store, std::size_t first_shard) : store_(store), first_shard_(first_shard) {}

  // Appends all points of the batch, and publishes. Before anything of it is stored, all of it has
  // been read. Errors: invalid, without the place: labels that are needed cannot be read.
  Result<Tally> take(Batch& batch, Timestamp now);

 private:
  // Metrics that follow one another and live in one shard, with their rows.
  struct Run {
    Batch::Range metrics;
    Batch::Range rows;
  };
  struct ShardPart {
    std::size_t shard = 0;
    std::uint64_t removals = 0;  // of the shard, when its series were looked up
    std::vector<Run> runs;
    Batch::Range unknown;  // of unknown_
  };
  struct Unknown {
    std::uint32_t row;
    Batch::Range labels;
  };
  // A part on its way into its locked store.
  struct Into {
    tsdb::Store& store;
    const Batch& batch;
    const ShardPart& part;
    RowLabels& labels;
    Timestamp now;
  };

  Result<void> divide(const Batch& batch, RowLabels& labels);
  Result<std::size_t> shard_of(const Batch& batch, std::uint32_t resource, RowLabels& labels);
  void add(std::size_t shard, std::uint32_t number, const Batch::Metric& metric);
  void find(const tsdb::Store& store, const Batch& batch, ShardPart& part);
  Result<void> read_unknown(const Batch& batch, ShardPart& part, RowLabels& labels);
  Result<void> take_alone(const Batch& batch, RowLabels& labels, Timestamp now, Tally& tally);
  Result<void> take_divided(const Batch& batch, RowLabels& labels, Timestamp now, Tally& tally);
  void append(const Into& into, Tally& tally);
  void prefetch(const tsdb::Store& store, std::uint32_t row, std::uint32_t end) const;
  void describe(tsdb::Store& store, const Batch::Metric& metric);
  tsdb::Appended append_row(const Into& into, const Batch::Metric& metric, std::uint32_t row);
  // P: a Point or a HistogramPoint.
  template <class P>
  tsdb::Appended append_point(const Into& into, const Batch::Metric& metric, std::uint32_t row,
                              const P& point);
  const Batch::Range* labels_read(const ShardPart& part, std::uint32_t row) const;

  tsdb::Shards& store_;
  const std::size_t first_shard_;
  ResourceHomes homes_;
  // Of the batch at hand:
  std::vector<ShardPart> parts_;  // the first parts_used_ of them
  std::size_t parts_used_ = 0;
  std::vector<tsdb::Series*> known_;  // by row; nullptr where the series has to be looked up
  std::vector<Unknown> unknown_;      // those rows, part by part, within each in order
};

}  // namespace otlp
