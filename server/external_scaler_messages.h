#pragma once

// The messages of package externalscaler, between bytes and values. Pure functions.
//
//   ScaledObjectRef    1 name string, 2 namespace string, 3 scalerMetadata map<string, string>
//   GetMetricsRequest  1 scaledObjectRef, 2 metricName string
//   IsActiveResponse   1 result bool
//   MetricSpec         1 metricName string, 2 targetSize int64, 3 targetSizeFloat double
//   MetricValue        1 metricName string, 2 metricValue int64, 3 metricValueFloat double
//   GetMetricSpecResponse, GetMetricsResponse: 1 repeated MetricSpec, MetricValue

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "scalers/kedify_otel.h"

namespace server {

inline constexpr std::size_t metadata_entries_max = 1'000;

struct ScaledObjectRef {
  std::string name;
  std::string ns;
  scalers::kedify_otel::Metadata metadata;  // of two equal keys the last wins
  bool operator==(const ScaledObjectRef&) const = default;
};

struct MetricsRequest {
  ScaledObjectRef object;
  std::string metric_name;
  bool operator==(const MetricsRequest&) const = default;
};

struct MetricSpec {
  std::string metric_name;
  double target = 0;
};

struct MetricValue {
  std::string metric_name;
  double value = 0;
};

// Unknown fields are skipped. Errors: invalid (not protobuf, a known field of another type, too
// many metadata entries).
Result<ScaledObjectRef> decode_object(std::string_view bytes);
Result<MetricsRequest> decode_metrics_request(std::string_view bytes);

std::string encode(const ScaledObjectRef& object);
std::string encode(const MetricsRequest& request);
std::string encode_active(bool active);
// The integer members are the double rounded up, held within int64.
std::string encode(const MetricSpec& spec);
std::string encode(const MetricValue& value);

}  // namespace server
