#include "otlp/batch_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace otlp {
namespace {

template <class T>
std::uint32_t last_of(const std::vector<T>& array) {
  return static_cast<std::uint32_t>(array.size() - 1);
}

template <class T>
std::uint32_t end_of(const std::vector<T>& array) {
  return static_cast<std::uint32_t>(array.size());
}

}  // namespace

Result<void> BatchBuilder::open_resource() {
  if (batch_.resources.size() >= limits_.metrics_max) return too_many("resources");
  batch_.resources.push_back({.range = {labels_end(), labels_end()}});
  return {};
}

Result<void> BatchBuilder::open_scope() {
  if (batch_.scopes.size() >= limits_.metrics_max) return too_many("scopes");
  batch_.scopes.push_back({.attributes = {.range = {labels_end(), labels_end()}},
                           .resource = last_of(batch_.resources)});
  return {};
}

Result<void> BatchBuilder::open_metric() {
  if (batch_.metrics.size() >= limits_.metrics_max) return too_many("metrics");
  type_ = MetricType::none;
  sums_.clear();
  batch_.metrics.push_back({.scope = last_of(batch_.scopes),
                            .points = {end_of(batch_.rows), end_of(batch_.rows)},
                            .histograms = {end_of(batch_.histograms), end_of(batch_.histograms)}});
  return {};
}

void BatchBuilder::close_metric() {
  Batch::Metric& closed = metric();
  closed.points.end = end_of(batch_.rows);
  if (closed.points.size() == 0) return batch_.metrics.pop_back();
  if (!is_distribution(type_)) return;
  closed.histograms.end = end_of(batch_.histograms);
  const std::string name(closed.name);
  closed.name = texts().keep(name + "_count");
  if (sums_.empty()) return;
  Batch::Metric sum = closed;
  sum.name = texts().keep(name + "_sum");
  sum.beside = true;
  sum.histograms = {};
  batch_.rows.insert(batch_.rows.end(), sums_.begin(), sums_.end());
  sum.points = {closed.points.end, end_of(batch_.rows)};
  batch_.metrics.push_back(sum);
}

Result<void> BatchBuilder::continue_labels(Batch::Range& range) {
  if (range.end == labels_end()) return {};
  const Batch::Range old = range;
  range = {labels_end(), labels_end()};
  for (std::uint32_t i = old.begin; i < old.end; ++i) {
    const tsdb::LabelView label = batch_.labels[i];
    TRY_VOID(add_label(label.name, label.value));
  }
  range.end = labels_end();
  return {};
}

Result<void> BatchBuilder::drop(const Batch::Row& row) {
  ++batch_.empty_points;
  if (!batch_.digested()) batch_.labels.resize(row.attributes.range.begin);
  return {};
}

Batch::Histogram BatchBuilder::open_distribution() const {
  return {.observed = {},
          .bounds = {end_of(batch_.bounds), end_of(batch_.bounds)},
          .counts = {end_of(batch_.counts), end_of(batch_.counts)},
          .negative = {end_of(batch_.negative_counts), end_of(batch_.negative_counts)}};
}

Result<void> BatchBuilder::add_distribution(Batch::Row row, Batch::Histogram distribution) {
  constexpr std::uint64_t count_max = std::numeric_limits<std::int64_t>::max();
  const tsdb::Observed& observed = distribution.observed;
  row.point.value =
      tsdb::Value::of_int(static_cast<std::int64_t>(std::min(observed.count, count_max)));
  TRY_VOID(add_point(row, true));
  if (type_ != MetricType::summary) {
    if (buckets_size() > limits_.buckets_max) return too_many("buckets");
    distribution.bounds.end = end_of(batch_.bounds);
    distribution.counts.end = end_of(batch_.counts);
    distribution.negative.end = end_of(batch_.negative_counts);
    distribution.exponential = type_ == MetricType::exponential_histogram;
    if (!row.point.no_recorded_value) check_buckets(distribution);
    batch_.histograms.push_back(distribution);
  }
  if (!observed.sum && !row.point.no_recorded_value) return {};
  row.point.value = tsdb::Value::of(observed.sum.value_or(0));
  sums_.push_back(row);
  return {};
}

// A histogram may be sent without any buckets. An exponential one that observed nothing has none.
void BatchBuilder::check_buckets(Batch::Histogram& read) {
  const bool none = read.counts.size() == 0 && read.negative.size() == 0 && read.zero_count == 0 &&
                    read.bounds.size() == 0;
  if (none && (!read.exponential || read.observed.count > 0)) return;
  const auto flaw = flaw_of(batch_.view_of(read));
  read.has_buckets = !flaw;
  if (flaw) ++batch_.flawed[static_cast<std::size_t>(*flaw)];
}

void BatchBuilder::set_type(MetricType type) {
  if (type == type_) return;
  type_ = type;
  Batch::Metric& opened = metric();
  batch_.rows.resize(opened.points.begin);
  batch_.histograms.resize(opened.histograms.begin);
  sums_.clear();
  opened.kind = type == MetricType::gauge ? tsdb::Kind::gauge : tsdb::Kind::sum;
  opened.temporality =
      type == MetricType::summary ? tsdb::Temporality::cumulative : tsdb::Temporality::unspecified;
  opened.monotonic = is_distribution(type);
}

std::unexpected<Error> BatchBuilder::too_many(std::string_view what) {
  return fail(Code::invalid, fmt::format("more {} in one request than are taken", what));
}

tsdb::Temporality to_temporality(std::int64_t number) {
  if (number == 1) return tsdb::Temporality::delta;
  if (number == 2) return tsdb::Temporality::cumulative;
  return tsdb::Temporality::unspecified;
}

}  // namespace otlp
