#include "server/service_schema.h"

namespace server::schema {
namespace {

// --- externalscaler.proto

constexpr Field scaled_object_ref[] = {
    {1, "name", "string"},
    {2, "namespace", "string"},
    {3, "scalerMetadata", "ScaledObjectRef.ScalerMetadataEntry", Count::many},
};
constexpr Field scaler_metadata_entry[] = {
    {1, "key", "string"},
    {2, "value", "string"},
};
constexpr Field is_active_response[] = {
    {1, "result", "bool"},
};
constexpr Field get_metric_spec_response[] = {
    {1, "metricSpecs", "MetricSpec", Count::many},
};
constexpr Field metric_spec[] = {
    {1, "metricName", "string"},
    {2, "targetSize", "int64"},
    {3, "targetSizeFloat", "double"},
};
constexpr Field get_metrics_request[] = {
    {1, "scaledObjectRef", "ScaledObjectRef"},
    {2, "metricName", "string"},
};
constexpr Field get_metrics_response[] = {
    {1, "metricValues", "MetricValue", Count::many},
};
constexpr Field metric_value[] = {
    {1, "metricName", "string"},
    {2, "metricValue", "int64"},
    {3, "metricValueFloat", "double"},
};
constexpr Type scaler_types[] = {
    {.name = "ScaledObjectRef", .fields = scaled_object_ref},
    {.name = "ScaledObjectRef.ScalerMetadataEntry",
     .fields = scaler_metadata_entry,
     .map_entry = true},
    {.name = "IsActiveResponse", .fields = is_active_response},
    {.name = "GetMetricSpecResponse", .fields = get_metric_spec_response},
    {.name = "MetricSpec", .fields = metric_spec},
    {.name = "GetMetricsRequest", .fields = get_metrics_request},
    {.name = "GetMetricsResponse", .fields = get_metrics_response},
    {.name = "MetricValue", .fields = metric_value},
};
constexpr Method scaler_methods[] = {
    {"IsActive", "ScaledObjectRef", "IsActiveResponse"},
    {"StreamIsActive", "ScaledObjectRef", "IsActiveResponse", Flow::answers},
    {"GetMetricSpec", "ScaledObjectRef", "GetMetricSpecResponse"},
    {"GetMetrics", "GetMetricsRequest", "GetMetricsResponse"},
    {"StreamMetricSpec", "ScaledObjectRef", "GetMetricSpecResponse", Flow::answers},
};

// --- grpc/health/v1/health.proto

constexpr Field health_check_request[] = {
    {1, "service", "string"},
};
constexpr Field health_check_response[] = {
    {1, "status", "HealthCheckResponse.ServingStatus"},
};
constexpr EnumValue serving_status[] = {
    {"UNKNOWN", 0},
    {"SERVING", 1},
    {"NOT_SERVING", 2},
    {"SERVICE_UNKNOWN", 3},
};
constexpr Type health_types[] = {
    {.name = "HealthCheckRequest", .fields = health_check_request},
    {.name = "HealthCheckResponse", .fields = health_check_response},
    {.name = "HealthCheckResponse.ServingStatus", .values = serving_status},
};
constexpr Method health_methods[] = {
    {"Check", "HealthCheckRequest", "HealthCheckResponse"},
    {"Watch", "HealthCheckRequest", "HealthCheckResponse", Flow::answers},
};

// --- grpc/reflection/v1/reflection.proto, v1alpha the same

constexpr Field server_reflection_request[] = {
    {1, "host", "string"},
    {3, "file_by_filename", "string", Count::one, "message_request"},
    {4, "file_containing_symbol", "string", Count::one, "message_request"},
    {5, "file_containing_extension", "ExtensionRequest", Count::one, "message_request"},
    {6, "all_extension_numbers_of_type", "string", Count::one, "message_request"},
    {7, "list_services", "string", Count::one, "message_request"},
};
constexpr Field extension_request[] = {
    {1, "containing_type", "string"},
    {2, "extension_number", "int32"},
};
constexpr Field server_reflection_response[] = {
    {1, "valid_host", "string"},
    {2, "original_request", "ServerReflectionRequest"},
    {4, "file_descriptor_response", "FileDescriptorResponse", Count::one, "message_response"},
    {5, "all_extension_numbers_response", "ExtensionNumberResponse", Count::one,
     "message_response"},
    {6, "list_services_response", "ListServiceResponse", Count::one, "message_response"},
    {7, "error_response", "ErrorResponse", Count::one, "message_response"},
};
constexpr Field file_descriptor_response[] = {
    {1, "file_descriptor_proto", "bytes", Count::many},
};
constexpr Field extension_number_response[] = {
    {1, "base_type_name", "string"},
    {2, "extension_number", "int32", Count::many},
};
constexpr Field list_service_response[] = {
    {1, "service", "ServiceResponse", Count::many},
};
constexpr Field service_response[] = {
    {1, "name", "string"},
};
constexpr Field error_response[] = {
    {1, "error_code", "int32"},
    {2, "error_message", "string"},
};
constexpr Type reflection_types[] = {
    {.name = "ServerReflectionRequest", .fields = server_reflection_request},
    {.name = "ExtensionRequest", .fields = extension_request},
    {.name = "ServerReflectionResponse", .fields = server_reflection_response},
    {.name = "FileDescriptorResponse", .fields = file_descriptor_response},
    {.name = "ExtensionNumberResponse", .fields = extension_number_response},
    {.name = "ListServiceResponse", .fields = list_service_response},
    {.name = "ServiceResponse", .fields = service_response},
    {.name = "ErrorResponse", .fields = error_response},
};
constexpr Method reflection_methods[] = {
    {"ServerReflectionInfo", "ServerReflectionRequest", "ServerReflectionResponse", Flow::both},
};

// --- opentelemetry/proto/common/v1/common.proto

constexpr Field any_value[] = {
    {1, "string_value", "string", Count::one, "value"},
    {2, "bool_value", "bool", Count::one, "value"},
    {3, "int_value", "int64", Count::one, "value"},
    {4, "double_value", "double", Count::one, "value"},
    {5, "array_value", "ArrayValue", Count::one, "value"},
    {6, "kvlist_value", "KeyValueList", Count::one, "value"},
    {7, "bytes_value", "bytes", Count::one, "value"},
    {8, "string_value_strindex", "int32", Count::one, "value"},
};
constexpr Field array_value[] = {
    {1, "values", "AnyValue", Count::many},
};
constexpr Field key_value_list[] = {
    {1, "values", "KeyValue", Count::many},
};
constexpr Field key_value[] = {
    {1, "key", "string"},
    {2, "value", "AnyValue"},
    {3, "key_strindex", "int32"},
};
constexpr Field instrumentation_scope[] = {
    {1, "name", "string"},
    {2, "version", "string"},
    {3, "attributes", "KeyValue", Count::many},
    {4, "dropped_attributes_count", "uint32"},
};
constexpr Field entity_ref[] = {
    {1, "schema_url", "string"},
    {2, "type", "string"},
    {3, "id_keys", "string", Count::many},
    {4, "description_keys", "string", Count::many},
};
constexpr Type common_types[] = {
    {.name = "AnyValue", .fields = any_value},
    {.name = "ArrayValue", .fields = array_value},
    {.name = "KeyValueList", .fields = key_value_list},
    {.name = "KeyValue", .fields = key_value},
    {.name = "InstrumentationScope", .fields = instrumentation_scope},
    {.name = "EntityRef", .fields = entity_ref},
};

// --- opentelemetry/proto/resource/v1/resource.proto

constexpr Field resource[] = {
    {1, "attributes", ".opentelemetry.proto.common.v1.KeyValue", Count::many},
    {2, "dropped_attributes_count", "uint32"},
    {3, "entity_refs", ".opentelemetry.proto.common.v1.EntityRef", Count::many},
};
constexpr Type resource_types[] = {
    {.name = "Resource", .fields = resource},
};
constexpr std::string_view resource_imports[] = {
    "opentelemetry/proto/common/v1/common.proto",
};

// --- opentelemetry/proto/metrics/v1/metrics.proto

constexpr Field metrics_data[] = {
    {1, "resource_metrics", "ResourceMetrics", Count::many},
};
constexpr Field resource_metrics[] = {
    {1, "resource", ".opentelemetry.proto.resource.v1.Resource"},
    {2, "scope_metrics", "ScopeMetrics", Count::many},
    {3, "schema_url", "string"},
};
constexpr Field scope_metrics[] = {
    {1, "scope", ".opentelemetry.proto.common.v1.InstrumentationScope"},
    {2, "metrics", "Metric", Count::many},
    {3, "schema_url", "string"},
};
constexpr Field metric[] = {
    {1, "name", "string"},
    {2, "description", "string"},
    {3, "unit", "string"},
    {5, "gauge", "Gauge", Count::one, "data"},
    {7, "sum", "Sum", Count::one, "data"},
    {9, "histogram", "Histogram", Count::one, "data"},
    {10, "exponential_histogram", "ExponentialHistogram", Count::one, "data"},
    {11, "summary", "Summary", Count::one, "data"},
    {12, "metadata", ".opentelemetry.proto.common.v1.KeyValue", Count::many},
};
constexpr Field gauge[] = {
    {1, "data_points", "NumberDataPoint", Count::many},
};
constexpr Field sum[] = {
    {1, "data_points", "NumberDataPoint", Count::many},
    {2, "aggregation_temporality", "AggregationTemporality"},
    {3, "is_monotonic", "bool"},
};
constexpr Field histogram[] = {
    {1, "data_points", "HistogramDataPoint", Count::many},
    {2, "aggregation_temporality", "AggregationTemporality"},
};
constexpr Field exponential_histogram[] = {
    {1, "data_points", "ExponentialHistogramDataPoint", Count::many},
    {2, "aggregation_temporality", "AggregationTemporality"},
};
constexpr Field summary[] = {
    {1, "data_points", "SummaryDataPoint", Count::many},
};
constexpr Field number_data_point[] = {
    {7, "attributes", ".opentelemetry.proto.common.v1.KeyValue", Count::many},
    {2, "start_time_unix_nano", "fixed64"},
    {3, "time_unix_nano", "fixed64"},
    {4, "as_double", "double", Count::one, "value"},
    {6, "as_int", "sfixed64", Count::one, "value"},
    {5, "exemplars", "Exemplar", Count::many},
    {8, "flags", "uint32"},
};
constexpr Field histogram_data_point[] = {
    {9, "attributes", ".opentelemetry.proto.common.v1.KeyValue", Count::many},
    {2, "start_time_unix_nano", "fixed64"},
    {3, "time_unix_nano", "fixed64"},
    {4, "count", "fixed64"},
    {5, "sum", "double", Count::maybe},
    {6, "bucket_counts", "fixed64", Count::many},
    {7, "explicit_bounds", "double", Count::many},
    {8, "exemplars", "Exemplar", Count::many},
    {10, "flags", "uint32"},
    {11, "min", "double", Count::maybe},
    {12, "max", "double", Count::maybe},
};
constexpr Field exponential_histogram_data_point[] = {
    {1, "attributes", ".opentelemetry.proto.common.v1.KeyValue", Count::many},
    {2, "start_time_unix_nano", "fixed64"},
    {3, "time_unix_nano", "fixed64"},
    {4, "count", "fixed64"},
    {5, "sum", "double", Count::maybe},
    {6, "scale", "sint32"},
    {7, "zero_count", "fixed64"},
    {8, "positive", "ExponentialHistogramDataPoint.Buckets"},
    {9, "negative", "ExponentialHistogramDataPoint.Buckets"},
    {10, "flags", "uint32"},
    {11, "exemplars", "Exemplar", Count::many},
    {12, "min", "double", Count::maybe},
    {13, "max", "double", Count::maybe},
    {14, "zero_threshold", "double"},
};
constexpr Field exponential_histogram_data_point_buckets[] = {
    {1, "offset", "sint32"},
    {2, "bucket_counts", "uint64", Count::many},
};
constexpr Field summary_data_point[] = {
    {7, "attributes", ".opentelemetry.proto.common.v1.KeyValue", Count::many},
    {2, "start_time_unix_nano", "fixed64"},
    {3, "time_unix_nano", "fixed64"},
    {4, "count", "fixed64"},
    {5, "sum", "double"},
    {6, "quantile_values", "SummaryDataPoint.ValueAtQuantile", Count::many},
    {8, "flags", "uint32"},
};
constexpr Field summary_data_point_value_at_quantile[] = {
    {1, "quantile", "double"},
    {2, "value", "double"},
};
constexpr Field exemplar[] = {
    {7, "filtered_attributes", ".opentelemetry.proto.common.v1.KeyValue", Count::many},
    {2, "time_unix_nano", "fixed64"},
    {3, "as_double", "double", Count::one, "value"},
    {6, "as_int", "sfixed64", Count::one, "value"},
    {4, "span_id", "bytes"},
    {5, "trace_id", "bytes"},
};
constexpr EnumValue aggregation_temporality_values[] = {
    {"AGGREGATION_TEMPORALITY_UNSPECIFIED", 0},
    {"AGGREGATION_TEMPORALITY_DELTA", 1},
    {"AGGREGATION_TEMPORALITY_CUMULATIVE", 2},
};
constexpr EnumValue data_point_flags_values[] = {
    {"DATA_POINT_FLAGS_DO_NOT_USE", 0},
    {"DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK", 1},
};
constexpr Type metrics_types[] = {
    {.name = "MetricsData", .fields = metrics_data},
    {.name = "ResourceMetrics", .fields = resource_metrics},
    {.name = "ScopeMetrics", .fields = scope_metrics},
    {.name = "Metric", .fields = metric},
    {.name = "Gauge", .fields = gauge},
    {.name = "Sum", .fields = sum},
    {.name = "Histogram", .fields = histogram},
    {.name = "ExponentialHistogram", .fields = exponential_histogram},
    {.name = "Summary", .fields = summary},
    {.name = "NumberDataPoint", .fields = number_data_point},
    {.name = "HistogramDataPoint", .fields = histogram_data_point},
    {.name = "ExponentialHistogramDataPoint", .fields = exponential_histogram_data_point},
    {.name = "ExponentialHistogramDataPoint.Buckets",
     .fields = exponential_histogram_data_point_buckets},
    {.name = "SummaryDataPoint", .fields = summary_data_point},
    {.name = "SummaryDataPoint.ValueAtQuantile", .fields = summary_data_point_value_at_quantile},
    {.name = "Exemplar", .fields = exemplar},
    {.name = "AggregationTemporality", .values = aggregation_temporality_values},
    {.name = "DataPointFlags", .values = data_point_flags_values},
};
constexpr std::string_view metrics_imports[] = {
    "opentelemetry/proto/common/v1/common.proto",
    "opentelemetry/proto/resource/v1/resource.proto",
};

// --- opentelemetry/proto/collector/metrics/v1/metrics_service.proto

constexpr Field export_metrics_service_request[] = {
    {1, "resource_metrics", ".opentelemetry.proto.metrics.v1.ResourceMetrics", Count::many},
};
constexpr Field export_metrics_service_response[] = {
    {1, "partial_success", "ExportMetricsPartialSuccess"},
};
constexpr Field export_metrics_partial_success[] = {
    {1, "rejected_data_points", "int64"},
    {2, "error_message", "string"},
};
constexpr Type export_types[] = {
    {.name = "ExportMetricsServiceRequest", .fields = export_metrics_service_request},
    {.name = "ExportMetricsServiceResponse", .fields = export_metrics_service_response},
    {.name = "ExportMetricsPartialSuccess", .fields = export_metrics_partial_success},
};
constexpr std::string_view export_imports[] = {
    "opentelemetry/proto/metrics/v1/metrics.proto",
};
constexpr Method export_methods[] = {
    {"Export", "ExportMetricsServiceRequest", "ExportMetricsServiceResponse"},
};

constexpr File table[] = {
    {.name = "externalscaler.proto",
     .package = "externalscaler",
     .types = scaler_types,
     .service = "ExternalScaler",
     .methods = scaler_methods},
    {.name = "grpc/health/v1/health.proto",
     .package = "grpc.health.v1",
     .types = health_types,
     .service = "Health",
     .methods = health_methods},
    {.name = "grpc/reflection/v1/reflection.proto",
     .package = "grpc.reflection.v1",
     .types = reflection_types,
     .service = "ServerReflection",
     .methods = reflection_methods},
    {.name = "grpc/reflection/v1alpha/reflection.proto",
     .package = "grpc.reflection.v1alpha",
     .types = reflection_types,
     .service = "ServerReflection",
     .methods = reflection_methods},
    {.name = "opentelemetry/proto/common/v1/common.proto",
     .package = "opentelemetry.proto.common.v1",
     .types = common_types},
    {.name = "opentelemetry/proto/resource/v1/resource.proto",
     .package = "opentelemetry.proto.resource.v1",
     .imports = resource_imports,
     .types = resource_types},
    {.name = "opentelemetry/proto/metrics/v1/metrics.proto",
     .package = "opentelemetry.proto.metrics.v1",
     .imports = metrics_imports,
     .types = metrics_types},
    {.name = "opentelemetry/proto/collector/metrics/v1/metrics_service.proto",
     .package = "opentelemetry.proto.collector.metrics.v1",
     .imports = export_imports,
     .types = export_types,
     .service = "MetricsService",
     .methods = export_methods},
};

}  // namespace

std::span<const File> files() {
  return table;
}

}  // namespace server::schema
