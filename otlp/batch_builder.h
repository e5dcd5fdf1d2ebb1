#pragma once

// What the two decoders share: filling a batch within its limits.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "otlp/batch.h"

namespace otlp {

// Appends to a batch in the order of the request. Resources, scopes and metrics are opened first
// and completed later, because the wire may name their parts in any order. Confined to its owner.
class BatchBuilder {
 public:
  BatchBuilder(Batch& batch, const DecodeLimits& limits) : batch_(batch), limits_(limits) {}

  // Each opens the next item within the one opened before. Errors: invalid, over a limit.
  Result<void> open_resource();
  Result<void> open_scope();
  Result<void> open_metric();
  // One that is not opened, since nobody wants it.
  void skip_metric() { ++batch_.skipped_metrics; }
  // Ends the metric opened last. One without points is dropped; one with distributions becomes two.
  void close_metric();

  Batch::Attributes& resource() { return batch_.resources.back(); }
  Batch::Scope& scope() { return batch_.scopes.back(); }
  Batch::Metric& metric() { return batch_.metrics.back(); }
  Texts& texts() { return batch_.texts; }

  // Errors: invalid, over the limit.
  Result<void> add_label(std::string_view name, std::string_view value) {
    if (batch_.labels.size() >= limits_.attributes_max) return too_many("attributes");
    batch_.labels.push_back({name, value});
    return {};
  }
  std::uint32_t labels_end() const { return static_cast<std::uint32_t>(batch_.labels.size()); }
  // Moves the labels of `range` to the end, so that it can grow. Errors: invalid, over the limit.
  Result<void> continue_labels(Batch::Range& range);

  // `value` none and no flag: the point is counted as empty and its labels are dropped.
  // Errors: invalid, over the limit.
  Result<void> add_point(const Batch::Row& row, bool has_value) {
    if (!has_value && !row.point.no_recorded_value) return drop(row);
    if (batch_.rows.size() >= limits_.points_max) return too_many("points");
    batch_.rows.push_back(row);
    return {};
  }
  // The point of a histogram or a summary that begins; its buckets are added to it one by one.
  Batch::Histogram open_distribution() const;
  // More than the limit are an error of add_distribution().
  void add_bound(double bound) { add_bucket(batch_.bounds, bound); }
  void add_count(std::uint64_t count) { add_bucket(batch_.counts, count); }
  void add_negative_count(std::uint64_t count) { add_bucket(batch_.negative_counts, count); }
  // The point of open_distribution(), complete but for its ranges; the row's value is not looked
  // at. Without a sum it is a point of NAME_count alone. Errors: invalid, over the limit.
  Result<void> add_distribution(Batch::Row row, Batch::Histogram distribution);
  void add_exemplars(std::size_t number) { batch_.exemplars += number; }
  // What the metric opened last holds. Of several types the last one sent counts, and the points of
  // the others are forgotten, as protobuf prescribes for a oneof.
  void set_type(MetricType type);

  // The error of a request over a limit.
  static std::unexpected<Error> too_many(std::string_view what);

 private:
  Result<void> drop(const Batch::Row& row);
  std::size_t buckets_size() const {
    return batch_.bounds.size() + batch_.counts.size() + batch_.negative_counts.size();
  }
  template <class T>
  void add_bucket(std::vector<T>& array, T value) {
    if (buckets_size() > limits_.buckets_max) return;
    array.push_back(value);
  }
  void check_buckets(Batch::Histogram& read);

  Batch& batch_;
  const DecodeLimits& limits_;
  MetricType type_ = MetricType::none;  // of the metric opened last
  std::vector<Batch::Row> sums_;        // of its distributions
};

// OTLP's unsigned nanoseconds; what lies past the year 2262 becomes the last moment there is.
inline Timestamp to_timestamp(std::uint64_t ns) {
  constexpr std::uint64_t last = std::numeric_limits<std::int64_t>::max();
  return {static_cast<std::int64_t>(std::min(ns, last))};
}
// OTLP's enum; numbers without meaning are unspecified.
tsdb::Temporality to_temporality(std::int64_t number);

}  // namespace otlp
