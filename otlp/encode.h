#pragma once

// Export requests as values, and their bytes in both encodings: for the generator and for tests.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "otlp/attribute.h"
#include "otlp/batch.h"

namespace otlp {

struct NumberPoint {
  std::uint64_t start_ns = 0;  // 0: not sent
  std::uint64_t time_ns = 0;
  std::variant<std::monostate, double, std::int64_t> value;  // monostate: not sent
  bool no_recorded_value = false;
  std::vector<Attribute> attributes;
};

// Of types other than gauge and sum only the number of points matters; they are written empty.
struct Metric {
  std::string name;
  MetricType type = MetricType::gauge;                             // none: a metric without data
  tsdb::Temporality temporality = tsdb::Temporality::unspecified;  // of a sum, as the next
  bool monotonic = false;
  std::vector<NumberPoint> points;
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
