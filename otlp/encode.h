#pragma once

// Export requests as values, and their bytes in both encodings: for the generator and for tests.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "otlp/attribute.h"
#include "otlp/batch.h"

namespace otlp {

struct ExponentialBuckets {
  std::int32_t offset = 0;
  std::vector<std::uint64_t> counts;
};

// A point of a gauge or a sum, which has a value, or of another type, which has count and sum.
struct DataPoint {
  std::uint64_t start_ns = 0;  // 0: not sent
  std::uint64_t time_ns = 0;
  std::variant<std::monostate, double, std::int64_t> value;  // monostate: not sent
  std::uint64_t count = 0;
  std::optional<double> sum;
  bool no_recorded_value = false;
  std::vector<Attribute> attributes;
  std::uint32_t exemplars = 0;  // so many empty ones; of a summary none
  // Of histograms:
  std::optional<double> min;
  std::optional<double> max;
  std::vector<double> bounds;
  std::vector<std::uint64_t> counts;
  // Of exponential ones:
  std::int32_t scale = 0;
  std::uint64_t zero_count = 0;
  double zero_threshold = 0;
  ExponentialBuckets positive;
  ExponentialBuckets negative;
};

struct Metric {
  std::string name;
  MetricType type = MetricType::gauge;                             // none: a metric without data
  tsdb::Temporality temporality = tsdb::Temporality::unspecified;  // where the type has one
  bool monotonic = false;                                          // of a sum
  std::vector<DataPoint> points;
};

struct ScopeMetrics {
  std::string name;
  std::string version;
  std::vector<Attribute> attributes;
  std::vector<Metric> metrics;
};

struct ResourceMetrics {
  std::vector<Attribute> attributes;
  std::vector<ScopeMetrics> scopes;
};

// An ExportMetricsServiceRequest.
struct Request {
  std::vector<ResourceMetrics> resources;
};

// Protobuf bytes. Texts are UTF-8. A point's start, time and value are always its first fields, in
// this order and of 9 bytes each, when all are sent: Workload of otlp/workload.h counts on it.
std::string encode(const Request& request);

// The same as OTLP's JSON.
std::string encode_json(const Request& request);

}  // namespace otlp
