#pragma once

// A decoded request as plain values that own what they hold: for comparing and printing.

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "otlp/batch.h"
#include "otlp/encode.h"
#include "tsdb/types.h"

namespace otlp::testing {

// One point with all that identifies it.
struct Seen {
  std::string metric;
  tsdb::Kind kind = tsdb::Kind::gauge;
  tsdb::Temporality temporality = tsdb::Temporality::unspecified;
  bool monotonic = false;
  std::string scope;  // "name version"
  std::vector<tsdb::Label> resource;
  std::vector<tsdb::Label> scope_attributes;
  std::vector<tsdb::Label> attributes;
  std::int64_t time_ns = 0;
  std::int64_t start_ns = 0;
  std::string value;  // "int 5", "double 3ff8000000000000", "double nan", "no recorded value"
  // What is kept beside it; "" when there is nothing. "count 3 sum 1.5 min 0.5 max 1 bounds 1 2
  // counts 1 2 0", or "... scale 2 zeros 1 within 0.5 positive -3 1 2 negative 0 1".
  std::string histogram = {};

  bool operator==(const Seen&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Seen& seen);
};

Seen see(const tsdb::SeriesView& series, const tsdb::Point& point);
std::vector<Seen> see(const Batch& batch);

// The same of a digested batch; nullopt where some row's labels cannot be read.
std::optional<std::vector<Seen>> see_digested(Batch& batch);

// The same points, nothing beside them.
std::vector<Seen> without_histograms(std::vector<Seen> seen);

// A request that decodes to the same points without their histograms, its attribute values being
// texts.
Request rebuild(const Batch& batch);

}  // namespace otlp::testing
