#include "otlp/batch.h"

#include <algorithm>

namespace otlp {
namespace {

// Arrays that grew past this are given back: one huge request must not hold its memory for good.
constexpr std::size_t kept_bytes_max = 4u << 20;

template <class T>
void empty(std::vector<T>& array) {
  array.clear();
  if (array.capacity() * sizeof(T) > kept_bytes_max) array.shrink_to_fit();
}

}  // namespace

std::string_view Texts::keep(std::string_view text) {
  if (text.empty()) return {};
  auto* copy = static_cast<char*>(memory_.allocate(text.size(), 1));
  std::ranges::copy(text, copy);
  return {copy, text.size()};
}

void Batch::clear() {
  empty(labels);
  empty(resources);
  empty(scopes);
  empty(metrics);
  empty(rows);
  empty(digests);
  empty(histograms);
  empty(bounds);
  empty(counts);
  empty(negative_counts);
  body = {};
  empty_points = 0;
  exemplars = 0;
  skipped_metrics = 0;
  flawed = {};
  texts.clear();
}

tsdb::SeriesView Batch::series_of(const Metric& metric) const {
  const Scope& scope = scopes[metric.scope];
  const auto read = [this](const Attributes& attributes) {
    return digested() ? std::span<const tsdb::LabelView>() : labels_of(attributes);
  };
  return {.metric = metric.name,
          .kind = metric.kind,
          .temporality = metric.temporality,
          .monotonic = metric.monotonic,
          .resource = read(resources[scope.resource]),
          .scope_name = scope.name,
          .scope_version = scope.version,
          .scope = read(scope.attributes),
          .attributes = {}};
}

namespace {

// A sum that may fall is a gauge to Prometheus.
tsdb::MetricType type_of(const Batch::Metric& metric) {
  switch (metric.type) {
    case MetricType::none:
      return tsdb::MetricType::unknown;
    case MetricType::gauge:
      return tsdb::MetricType::gauge;
    case MetricType::sum:
      return metric.monotonic ? tsdb::MetricType::counter : tsdb::MetricType::gauge;
    case MetricType::histogram:
    case MetricType::exponential_histogram:
      return tsdb::MetricType::histogram;
    case MetricType::summary:
      return tsdb::MetricType::summary;
  }
}

}  // namespace

tsdb::MetadataView Batch::metadata_of(const Metric& metric) {
  return {.name = metric.sent_name,
          .type = type_of(metric),
          .unit = metric.unit,
          .help = metric.description};
}

tsdb::HistogramView Batch::view_of(const Histogram& read) const {
  const auto stretch = [](const auto& array, Range range) {
    return std::span(array).subspan(range.begin, range.size());
  };
  if (!read.exponential) {
    return {
        .observed = read.observed,
        .buckets = tsdb::ExplicitView{stretch(bounds, read.bounds), stretch(counts, read.counts)}};
  }
  return {.observed = read.observed,
          .buckets = tsdb::ExponentialView{
              .scale = read.scale,
              .zero_count = read.zero_count,
              .zero_threshold = read.zero_threshold,
              .positive = {read.positive_offset, stretch(counts, read.counts)},
              .negative = {read.negative_offset, stretch(negative_counts, read.negative)}}};
}

}  // namespace otlp
