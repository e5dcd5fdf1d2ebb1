#include "otlp/testing/seen.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "otlp/row_labels.h"

namespace otlp::testing {
namespace {

std::vector<tsdb::Label> own(std::span<const tsdb::LabelView> views) {
  std::vector<tsdb::Label> labels;
  for (const auto& [name, value] : views) labels.push_back({std::string(name), std::string(value)});
  return labels;
}

std::vector<Attribute> texts(std::span<const tsdb::LabelView> views) {
  std::vector<Attribute> attributes;
  for (const auto& [name, value] : views) {
    attributes.push_back({std::string(name), {std::string(value)}});
  }
  return attributes;
}

std::string see_value(const tsdb::Point& point) {
  if (point.no_recorded_value) return "no recorded value";
  if (point.value.is_int) return fmt::format("int {}", point.value.as_int);
  if (std::isnan(point.value.as_double)) return "double nan";
  return fmt::format("double {:016x}", std::bit_cast<std::uint64_t>(point.value.as_double));
}

std::string number_of(double number) {
  return std::isnan(number) ? "nan" : fmt::format("{}", number);
}

template <class Numbers>
std::string list(const char* name, const Numbers& numbers) {
  std::string text = fmt::format(" {}", name);
  for (const auto number : numbers) text += fmt::format(" {}", number);
  return text;
}

std::string see_buckets(const tsdb::ExplicitView& buckets) {
  return list("bounds", buckets.bounds) + list("counts", buckets.counts);
}

std::string see_buckets(const tsdb::ExponentialView& buckets) {
  return fmt::format(" scale {} zeros {} within {}", buckets.scale, buckets.zero_count,
                     buckets.zero_threshold) +
         fmt::format(" positive {}", buckets.positive.offset) +
         list("counts", buckets.positive.counts) +
         fmt::format(" negative {}", buckets.negative.offset) +
         list("counts", buckets.negative.counts);
}

std::string see_histogram(const std::optional<tsdb::HistogramView>& histogram) {
  if (!histogram) return "";
  const tsdb::Observed& all = histogram->observed;
  std::string text = fmt::format("count {}", all.count);
  if (all.sum) text += " sum " + number_of(*all.sum);
  if (all.min) text += " min " + number_of(*all.min);
  if (all.max) text += " max " + number_of(*all.max);
  return text + std::visit([](const auto& one) { return see_buckets(one); }, histogram->buckets);
}

DataPoint rebuild_point(const Batch& batch, const Batch::Row& row) {
  DataPoint point{.start_ns = static_cast<std::uint64_t>(row.point.start.ns),
                  .time_ns = static_cast<std::uint64_t>(row.point.time.ns),
                  .no_recorded_value = row.point.no_recorded_value,
                  .attributes = texts(batch.labels_of(row.attributes))};
  if (row.point.value.is_int) {
    point.value = row.point.value.as_int;
  } else {
    point.value = row.point.value.as_double;
  }
  return point;
}

Metric rebuild_metric(const Batch& batch, const Batch::Metric& metric) {
  Metric rebuilt{
      .name = std::string(metric.name),
      .type = metric.kind == tsdb::Kind::sum ? MetricType::sum : MetricType::gauge,
      .temporality = metric.temporality,
      .monotonic = metric.monotonic,
  };
  for (std::uint32_t i = metric.points.begin; i < metric.points.end; ++i) {
    rebuilt.points.push_back(rebuild_point(batch, batch.rows[i]));
  }
  return rebuilt;
}

void print(std::ostream& out, const char* name, const std::vector<tsdb::Label>& labels) {
  out << ' ' << name << '{';
  for (const auto& label : labels) out << label.name << "=\"" << label.value << "\",";
  out << '}';
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  out << seen.metric << (seen.kind == tsdb::Kind::sum ? " sum" : " gauge") << " temporality "
      << static_cast<int>(seen.temporality) << (seen.monotonic ? " monotonic" : "");
  print(out, "resource", seen.resource);
  out << " scope \"" << seen.scope << '"';
  print(out, "scope", seen.scope_attributes);
  print(out, "point", seen.attributes);
  out << " time " << seen.time_ns << " start " << seen.start_ns << ' ' << seen.value;
  return seen.histogram.empty() ? out : out << " beside it " << seen.histogram;
}

Seen see(const tsdb::SeriesView& series, const tsdb::Point& point) {
  return {.metric = std::string(series.metric),
          .kind = series.kind,
          .temporality = series.temporality,
          .monotonic = series.monotonic,
          .scope = fmt::format("{} {}", series.scope_name, series.scope_version),
          .resource = own(series.resource),
          .scope_attributes = own(series.scope),
          .attributes = own(series.attributes),
          .time_ns = point.time.ns,
          .start_ns = point.start.ns,
          .value = see_value(point)};
}

std::vector<Seen> see(const Batch& batch) {
  std::vector<Seen> all;
  for (const Batch::Metric& metric : batch.metrics) {
    tsdb::SeriesView series = batch.series_of(metric);
    for (std::uint32_t i = metric.points.begin; i < metric.points.end; ++i) {
      series.attributes = batch.labels_of(batch.rows[i].attributes);
      all.push_back(see(series, batch.rows[i].point));
      all.back().histogram = see_histogram(batch.histogram_of(metric, i));
    }
  }
  return all;
}

std::optional<std::vector<Seen>> see_digested(Batch& batch) {
  std::vector<Seen> all;
  RowLabels labels(batch);
  for (const Batch::Metric& metric : batch.metrics) {
    for (std::uint32_t i = metric.points.begin; i < metric.points.end; ++i) {
      const Batch::Row& row = batch.rows[i];
      const auto read = labels.read(metric, row);
      if (!read) return std::nullopt;
      all.push_back(see(labels.view(metric, *read), row.point));
      all.back().histogram = see_histogram(batch.histogram_of(metric, i));
    }
  }
  return all;
}

std::vector<Seen> without_histograms(std::vector<Seen> seen) {
  for (Seen& one : seen) one.histogram.clear();
  return seen;
}

Request rebuild(const Batch& batch) {
  Request request;
  for (const Batch::Metric& metric : batch.metrics) {
    const Batch::Scope& scope = batch.scopes[metric.scope];
    request.resources.push_back(
        {.attributes = texts(batch.labels_of(batch.resources[scope.resource])),
         .scopes = {{.name = std::string(scope.name),
                     .version = std::string(scope.version),
                     .attributes = texts(batch.labels_of(scope.attributes)),
                     .metrics = {rebuild_metric(batch, metric)}}}});
  }
  return request;
}

}  // namespace otlp::testing
