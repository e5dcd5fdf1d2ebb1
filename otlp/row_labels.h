#pragma once

// The labels of single rows of a digested batch, for the few whose series nobody knows yet.

#include <optional>
#include <vector>

#include "base/result.h"
#include "otlp/batch.h"

namespace otlp {

// Reads into the batch, which outlives it. Confined to its owner.
class RowLabels {
 public:
  explicit RowLabels(Batch& batch, const DecodeLimits& limits = {});

  // Reads the labels of a row, and those of its scope and its resource unless they were read for
  // another one. Errors: invalid, without the place.
  Result<Batch::Range> read(const Batch::Metric& metric, const Batch::Row& row);

  // Reads the labels of a resource, by its place in the batch, unless they were read before.
  // Errors: invalid, without the place.
  Result<Batch::Range> read_resource(std::uint32_t resource);

  // The series of a row whose labels were read. Its views are valid until the next read().
  tsdb::SeriesView view(const Batch::Metric& metric, Batch::Range labels) const;

 private:
  using Range = Batch::Range;

  Result<Range> read(Range message, std::uint32_t holder_field, std::uint32_t attributes_field);
  Result<void> read_attributes(std::string_view message, std::uint32_t attributes_field);

  Batch& batch_;
  const DecodeLimits limits_;
  std::vector<std::optional<Range>> resources_;
  std::vector<std::optional<Range>> scopes_;
};

}  // namespace otlp
