#include "otlp/encode.h"

#include "otlp/any_value.h"
#include "otlp/fields.h"

namespace otlp {
namespace {

using proto::Writer;

void write_attributes(Writer& out, std::uint32_t number, const std::vector<Attribute>& attributes) {
  for (const Attribute& attribute : attributes) {
    out.message(number, [&](Writer& inner) { write_attribute(inner, attribute); });
  }
}

void write_exemplars(Writer& out, std::uint32_t number, const DataPoint& point) {
  for (std::uint32_t i = 0; i < point.exemplars && number != 0; ++i)
    out.message(number, [](Writer&) {});
}

void write_number(Writer& out, const DataPoint& point) {
  using namespace field::point;
  if (point.start_ns != 0) out.fixed64(start_time_unix_nano, point.start_ns);
  if (point.time_ns != 0) out.fixed64(time_unix_nano, point.time_ns);
  if (const auto* number = std::get_if<double>(&point.value)) out.float64(as_double, *number);
  if (const auto* integer = std::get_if<std::int64_t>(&point.value)) out.sfixed64(as_int, *integer);
  write_attributes(out, field::point::attributes, point.attributes);
  write_exemplars(out, field::point::exemplars, point);
  if (point.no_recorded_value) out.uint64(flags, no_recorded_value);
}

field::distribution::Numbers numbers_of(MetricType type) {
  if (type == MetricType::histogram) return field::distribution::histogram;
  if (type == MetricType::summary) return field::distribution::summary;
  return field::distribution::exponential_histogram;
}

void write_explicit(Writer& out, const DataPoint& point) {
  namespace buckets = field::explicit_buckets;
  out.packed_fixed64(buckets::bucket_counts, point.counts);
  out.packed_float64(buckets::explicit_bounds, point.bounds);
}

void write_buckets(Writer& out, std::uint32_t number, const ExponentialBuckets& buckets) {
  out.message(number, [&](Writer& inner) {
    inner.sint32(field::buckets::offset, buckets.offset);
    inner.packed_uint64(field::buckets::bucket_counts, buckets.counts);
  });
}

void write_exponential(Writer& out, const DataPoint& point) {
  namespace buckets = field::exponential_buckets;
  out.sint32(buckets::scale, point.scale);
  out.fixed64(buckets::zero_count, point.zero_count);
  write_buckets(out, buckets::positive, point.positive);
  write_buckets(out, buckets::negative, point.negative);
  if (point.zero_threshold != 0) out.float64(buckets::zero_threshold, point.zero_threshold);
}

void write_distribution(Writer& out, const DataPoint& point, MetricType type) {
  using namespace field::distribution;
  const Numbers numbers = numbers_of(type);
  if (point.start_ns != 0) out.fixed64(start_time_unix_nano, point.start_ns);
  if (point.time_ns != 0) out.fixed64(time_unix_nano, point.time_ns);
  out.fixed64(count, point.count);
  if (point.sum) out.float64(sum, *point.sum);
  write_attributes(out, numbers.attributes, point.attributes);
  write_exemplars(out, numbers.exemplars, point);
  if (type == MetricType::histogram) write_explicit(out, point);
  if (type == MetricType::exponential_histogram) write_exponential(out, point);
  if (point.min && numbers.min != 0) out.float64(numbers.min, *point.min);
  if (point.max && numbers.max != 0) out.float64(numbers.max, *point.max);
  if (point.no_recorded_value) out.uint64(numbers.flags, field::point::no_recorded_value);
}

std::uint32_t data_field(MetricType type) {
  switch (type) {
    case MetricType::none:
      return 0;
    case MetricType::gauge:
      return field::metric::gauge;
    case MetricType::sum:
      return field::metric::sum;
    case MetricType::histogram:
      return field::metric::histogram;
    case MetricType::exponential_histogram:
      return field::metric::exponential_histogram;
    case MetricType::summary:
      return field::metric::summary;
  }
}

void write_data(Writer& out, const Metric& metric) {
  for (const DataPoint& point : metric.points) {
    out.message(field::data::data_points, [&](Writer& inner) {
      is_distribution(metric.type) ? write_distribution(inner, point, metric.type)
                                   : write_number(inner, point);
    });
  }
  if (has_temporality(metric.type)) {
    out.int32(field::data::aggregation_temporality, static_cast<std::int32_t>(metric.temporality));
  }
  if (metric.type == MetricType::sum) out.boolean(field::data::is_monotonic, metric.monotonic);
}

void write_metric(Writer& out, const Metric& metric) {
  out.text(field::metric::name, metric.name);
  if (metric.type == MetricType::none) return;
  out.message(data_field(metric.type), [&](Writer& inner) { write_data(inner, metric); });
}

void write_scope(Writer& out, const ScopeMetrics& scope) {
  out.message(field::scope_metrics::scope, [&](Writer& inner) {
    inner.text(field::scope::name, scope.name);
    inner.text(field::scope::version, scope.version);
    write_attributes(inner, field::scope::attributes, scope.attributes);
  });
  for (const Metric& metric : scope.metrics) {
    out.message(field::scope_metrics::metrics, [&](Writer& inner) { write_metric(inner, metric); });
  }
}

void write_resource(Writer& out, const ResourceMetrics& resource) {
  out.message(field::resource_metrics::resource, [&](Writer& inner) {
    write_attributes(inner, field::resource::attributes, resource.attributes);
  });
  for (const ScopeMetrics& scope : resource.scopes) {
    out.message(field::resource_metrics::scope_metrics,
                [&](Writer& inner) { write_scope(inner, scope); });
  }
}

}  // namespace

std::string encode(const Request& request) {
  std::string bytes;
  Writer out(bytes);
  for (const ResourceMetrics& resource : request.resources) {
    out.message(field::request::resource_metrics,
                [&](Writer& inner) { write_resource(inner, resource); });
  }
  return bytes;
}

}  // namespace otlp
