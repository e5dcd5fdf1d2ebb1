#include "json/json.h"
#include "otlp/any_value_json.h"
#include "otlp/encode.h"

namespace otlp {
namespace {

template <class Items, class Print>
json::Array list(const Items& items, Print print) {
  json::Array out;
  for (const auto& item : items) out.push_back(print(item));
  return out;
}

json::Value print_number(std::uint64_t number) {
  return json::Value(std::to_string(number));
}

json::Object print_buckets(const ExponentialBuckets& buckets) {
  return {{"offset", buckets.offset}, {"bucketCounts", list(buckets.counts, print_number)}};
}

void add_buckets(json::Object& out, const DataPoint& point, MetricType type) {
  if (point.min) out["min"] = json_double(*point.min);
  if (point.max) out["max"] = json_double(*point.max);
  if (type == MetricType::histogram) {
    out["bucketCounts"] = list(point.counts, print_number);
    out["explicitBounds"] = list(point.bounds, json_double);
    return;
  }
  out["scale"] = point.scale;
  out["zeroCount"] = print_number(point.zero_count);
  out["zeroThreshold"] = json_double(point.zero_threshold);
  out["positive"] = print_buckets(point.positive);
  out["negative"] = print_buckets(point.negative);
}

json::Value print_point(const DataPoint& point, MetricType type) {
  json::Object out{{"attributes", list(point.attributes, json_attribute)}};
  if (point.start_ns != 0) out["startTimeUnixNano"] = std::to_string(point.start_ns);
  if (point.time_ns != 0) out["timeUnixNano"] = std::to_string(point.time_ns);
  if (point.no_recorded_value) out["flags"] = 1;
  if (type != MetricType::summary && point.exemplars > 0)
    out["exemplars"] = json::Array(point.exemplars, json::Object());
  if (is_distribution(type)) {
    out["count"] = std::to_string(point.count);
    if (point.sum) out["sum"] = json_double(*point.sum);
    if (type != MetricType::summary) add_buckets(out, point, type);
    return out;
  }
  if (const auto* number = std::get_if<double>(&point.value)) {
    out["asDouble"] = json_double(*number);
  }
  if (const auto* integer = std::get_if<std::int64_t>(&point.value)) {
    out["asInt"] = std::to_string(*integer);
  }
  return out;
}

std::string_view data_member(MetricType type) {
  switch (type) {
    case MetricType::none:
      return {};
    case MetricType::gauge:
      return "gauge";
    case MetricType::sum:
      return "sum";
    case MetricType::histogram:
      return "histogram";
    case MetricType::exponential_histogram:
      return "exponentialHistogram";
    case MetricType::summary:
      return "summary";
  }
}

json::Value print_data(const Metric& metric) {
  json::Object out{{"dataPoints", list(metric.points, [&](const DataPoint& point) {
                      return print_point(point, metric.type);
                    })}};
  if (has_temporality(metric.type))
    out["aggregationTemporality"] = static_cast<int>(metric.temporality);
  if (metric.type == MetricType::sum) out["isMonotonic"] = metric.monotonic;
  return out;
}

json::Value print_metric(const Metric& metric) {
  json::Object out{{"name", metric.name}};
  if (metric.type != MetricType::none) out[data_member(metric.type)] = print_data(metric);
  return out;
}

json::Value print_scope(const ScopeMetrics& scope) {
  return json::Object{
      {"scope", json::Object{{"name", scope.name},
                             {"version", scope.version},
                             {"attributes", list(scope.attributes, json_attribute)}}},
      {"metrics", list(scope.metrics, print_metric)}};
}

json::Value print_resource(const ResourceMetrics& resource) {
  return json::Object{
      {"resource", json::Object{{"attributes", list(resource.attributes, json_attribute)}}},
      {"scopeMetrics", list(resource.scopes, print_scope)}};
}

}  // namespace

std::string encode_json(const Request& request) {
  return json::print(json::Object{{"resourceMetrics", list(request.resources, print_resource)}});
}

}  // namespace otlp
