#pragma once

// Field numbers of the messages that make up an export request.
// Source: opentelemetry-proto 1.x, packages common.v1, resource.v1, metrics.v1,
// collector.metrics.v1.

#include <cstddef>
#include <cstdint>

namespace otlp {

// How deep lists and maps may lie in an attribute value, and how many values one may hold.
constexpr int value_nesting_max = 32;
constexpr std::size_t value_elements_max = 10'000;
// The messages around a value, and three for each map in a map.
constexpr int message_nesting_max = 16 + 3 * value_nesting_max;

}  // namespace otlp

namespace otlp::field {

namespace request {
enum : std::uint32_t { resource_metrics = 1 };
}
namespace resource_metrics {
enum : std::uint32_t { resource = 1, scope_metrics = 2 };
}
namespace resource {
enum : std::uint32_t { attributes = 1 };
}
namespace scope_metrics {
enum : std::uint32_t { scope = 1, metrics = 2 };
}
namespace scope {
enum : std::uint32_t { name = 1, version = 2, attributes = 3 };
}
namespace metric {
enum : std::uint32_t {
  name = 1,
  gauge = 5,
  sum = 7,
  histogram = 9,
  exponential_histogram = 10,
  summary = 11,
};
}
namespace data {  // of every type; is_monotonic of a sum, no temporality of a gauge or a summary
enum : std::uint32_t { data_points = 1, aggregation_temporality = 2, is_monotonic = 3 };
}
namespace point {
enum : std::uint32_t {
  start_time_unix_nano = 2,  // fixed64
  time_unix_nano = 3,        // fixed64
  as_double = 4,
  exemplars = 5,
  as_int = 6,  // sfixed64
  attributes = 7,
  flags = 8,
};
constexpr std::uint32_t no_recorded_value = 1;  // bit of flags
}  // namespace point
namespace distribution {  // a point of a histogram, an exponential histogram or a summary
enum : std::uint32_t {
  start_time_unix_nano = 2,  // fixed64
  time_unix_nano = 3,        // fixed64
  count = 4,                 // fixed64
  sum = 5,                   // double; of histograms optional
};
struct Numbers {  // of the fields that each type numbers in its own way; 0: it has none such
  std::uint32_t attributes;
  std::uint32_t flags;
  std::uint32_t exemplars;
  std::uint32_t min;  // double, optional
  std::uint32_t max;  // double, optional
};
constexpr Numbers histogram{.attributes = 9, .flags = 10, .exemplars = 8, .min = 11, .max = 12};
constexpr Numbers exponential_histogram{
    .attributes = 1, .flags = 10, .exemplars = 11, .min = 12, .max = 13};
constexpr Numbers summary{.attributes = 7, .flags = 8, .exemplars = 0, .min = 0, .max = 0};
}  // namespace distribution
namespace explicit_buckets {  // of a histogram's point
enum : std::uint32_t {
  bucket_counts = 6,    // repeated fixed64
  explicit_bounds = 7,  // repeated double
};
}
namespace exponential_buckets {  // of an exponential histogram's point
enum : std::uint32_t {
  scale = 6,            // sint32
  zero_count = 7,       // fixed64
  positive = 8,         // buckets
  negative = 9,         // buckets
  zero_threshold = 14,  // double
};
}
namespace buckets {
enum : std::uint32_t {
  offset = 1,         // sint32
  bucket_counts = 2,  // repeated uint64
};
}
namespace key_value {
enum : std::uint32_t { key = 1, value = 2 };
}
namespace any_value {
enum : std::uint32_t {
  string_value = 1,
  bool_value = 2,
  int_value = 3,
  double_value = 4,
  array_value = 5,
  kvlist_value = 6,
  bytes_value = 7,
};
}
namespace values {  // of an ArrayValue and of a KeyValueList
enum : std::uint32_t { values = 1 };
}
namespace response {
enum : std::uint32_t { partial_success = 1 };
}
namespace partial_success {
enum : std::uint32_t { rejected_data_points = 1, error_message = 2 };
}
namespace status {  // google.rpc.Status
enum : std::uint32_t { code = 1, message = 2 };
}

}  // namespace otlp::field
