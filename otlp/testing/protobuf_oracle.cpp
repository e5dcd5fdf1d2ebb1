#include "otlp/testing/protobuf_oracle.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/unknown_field_set.h>

#include <bit>
#include <cstdint>
#include <memory>

#include "base/check.h"

namespace otlp::testing {
namespace {

namespace pb = google::protobuf;
using Type = pb::FieldDescriptorProto;

// The messages of opentelemetry-proto 1.x as far as a metrics request has them.
// Those of a oneof stand together.
struct Field {
  const char* name;
  int number;
  Type::Type type;
  const char* message = "";  // of TYPE_MESSAGE and TYPE_ENUM
  bool repeated = false;
  const char* oneof = "";
};
struct Message {
  const char* name;
  std::vector<Field> fields;
};

constexpr auto text = Type::TYPE_STRING;
constexpr auto unread = Type::TYPE_BYTES;  // texts and messages that we count, but never look into
constexpr auto sub = Type::TYPE_MESSAGE;
constexpr auto fixed64 = Type::TYPE_FIXED64;
constexpr auto real = Type::TYPE_DOUBLE;
constexpr auto uint32 = Type::TYPE_UINT32;
constexpr bool repeated = true;

const std::vector<Message>& messages() {
  static const std::vector<Message> all = {
      {"Request", {{"resource_metrics", 1, sub, "ResourceMetrics", repeated}}},
      {"ResourceMetrics",
       {{"resource", 1, sub, "Resource"},
        {"scope_metrics", 2, sub, "ScopeMetrics", repeated},
        {"schema_url", 3, unread}}},
      {"Resource",
       {{"attributes", 1, sub, "KeyValue", repeated}, {"dropped_attributes_count", 2, uint32}}},
      {"ScopeMetrics",
       {{"scope", 1, sub, "Scope"},
        {"metrics", 2, sub, "Metric", repeated},
        {"schema_url", 3, unread}}},
      {"Scope",
       {{"name", 1, text},
        {"version", 2, text},
        {"attributes", 3, sub, "KeyValue", repeated},
        {"dropped_attributes_count", 4, uint32}}},
      {"Metric",
       {{"name", 1, text},
        {"description", 2, text},
        {"unit", 3, text},
        {"gauge", 5, sub, "Numbers", false, "data"},
        {"sum", 7, sub, "Sums", false, "data"},
        {"histogram", 9, sub, "Histograms", false, "data"},
        {"exponential_histogram", 10, sub, "ExponentialHistograms", false, "data"},
        {"summary", 11, sub, "Summaries", false, "data"}}},
      {"Numbers", {{"data_points", 1, sub, "NumberPoint", repeated}}},
      {"Sums",
       {{"data_points", 1, sub, "NumberPoint", repeated},
        {"aggregation_temporality", 2, Type::TYPE_ENUM, "Temporality"},
        {"is_monotonic", 3, Type::TYPE_BOOL}}},
      {"Histograms",
       {{"data_points", 1, sub, "HistogramPoint", repeated},
        {"aggregation_temporality", 2, Type::TYPE_ENUM, "Temporality"}}},
      {"ExponentialHistograms",
       {{"data_points", 1, sub, "ExponentialPoint", repeated},
        {"aggregation_temporality", 2, Type::TYPE_ENUM, "Temporality"}}},
      {"Summaries", {{"data_points", 1, sub, "SummaryPoint", repeated}}},
      {"NumberPoint",
       {{"start_time_unix_nano", 2, fixed64},
        {"time_unix_nano", 3, fixed64},
        {"as_double", 4, real, "", false, "value"},
        {"as_int", 6, Type::TYPE_SFIXED64, "", false, "value"},
        {"exemplars", 5, unread, "", repeated},
        {"attributes", 7, sub, "KeyValue", repeated},
        {"flags", 8, uint32}}},
      {"HistogramPoint",
       {{"start_time_unix_nano", 2, fixed64},
        {"time_unix_nano", 3, fixed64},
        {"count", 4, fixed64},
        {"sum", 5, real, "", false, "_sum"},
        {"bucket_counts", 6, fixed64, "", repeated},
        {"explicit_bounds", 7, real, "", repeated},
        {"exemplars", 8, unread, "", repeated},
        {"attributes", 9, sub, "KeyValue", repeated},
        {"flags", 10, uint32},
        {"min", 11, real, "", false, "_min"},
        {"max", 12, real, "", false, "_max"}}},
      {"ExponentialPoint",
       {{"attributes", 1, sub, "KeyValue", repeated},
        {"start_time_unix_nano", 2, fixed64},
        {"time_unix_nano", 3, fixed64},
        {"count", 4, fixed64},
        {"sum", 5, real, "", false, "_sum"},
        {"scale", 6, Type::TYPE_SINT32},
        {"zero_count", 7, fixed64},
        {"positive", 8, sub, "Buckets"},
        {"negative", 9, sub, "Buckets"},
        {"flags", 10, uint32},
        {"exemplars", 11, unread, "", repeated},
        {"min", 12, real, "", false, "_min"},
        {"max", 13, real, "", false, "_max"},
        {"zero_threshold", 14, real}}},
      {"Buckets",
       {{"offset", 1, Type::TYPE_SINT32}, {"bucket_counts", 2, Type::TYPE_UINT64, "", repeated}}},
      {"SummaryPoint",
       {{"start_time_unix_nano", 2, fixed64},
        {"time_unix_nano", 3, fixed64},
        {"count", 4, fixed64},
        {"sum", 5, real},
        {"quantile_values", 6, unread, "", repeated},
        {"attributes", 7, sub, "KeyValue", repeated},
        {"flags", 8, uint32}}},
      {"KeyValue", {{"key", 1, text}, {"value", 2, sub, "AnyValue"}}},
      {"AnyValue",
       {{"string_value", 1, text, "", false, "value"},
        {"bool_value", 2, Type::TYPE_BOOL, "", false, "value"},
        {"int_value", 3, Type::TYPE_INT64, "", false, "value"},
        {"double_value", 4, real, "", false, "value"},
        {"array_value", 5, sub, "ArrayValue", false, "value"},
        {"kvlist_value", 6, sub, "KeyValueList", false, "value"},
        {"bytes_value", 7, Type::TYPE_BYTES, "", false, "value"}}},
      {"ArrayValue", {{"values", 1, sub, "AnyValue", repeated}}},
      {"KeyValueList", {{"values", 1, sub, "KeyValue", repeated}}},
  };
  return all;
}

void add_field(pb::DescriptorProto& message, const Field& field) {
  auto* made = message.add_field();
  made->set_name(field.name);
  made->set_number(field.number);
  made->set_type(field.type);
  made->set_label(field.repeated ? Type::LABEL_REPEATED : Type::LABEL_OPTIONAL);
  if (*field.message != '\0') made->set_type_name(std::string(".otlp.") + field.message);
  const std::string oneof = field.oneof;
  if (oneof.empty()) return;
  made->set_proto3_optional(oneof.front() == '_');
  for (int i = 0; i < message.oneof_decl_size(); ++i) {
    if (message.oneof_decl(i).name() == oneof) return made->set_oneof_index(i);
  }
  made->set_oneof_index(message.oneof_decl_size());
  message.add_oneof_decl()->set_name(oneof);
}

pb::FileDescriptorProto file_of_messages() {
  pb::FileDescriptorProto file;
  file.set_name("otlp.proto");
  file.set_package("otlp");
  file.set_syntax("proto3");
  auto* temporality = file.add_enum_type();
  temporality->set_name("Temporality");
  for (const auto& [name, number] :
       {std::pair{"UNSPECIFIED", 0}, {"DELTA", 1}, {"CUMULATIVE", 2}}) {
    auto* value = temporality->add_value();
    value->set_name(name);
    value->set_number(number);
  }
  for (const Message& message : messages()) {
    auto* made = file.add_message_type();
    made->set_name(message.name);
    for (const Field& field : message.fields) add_field(*made, field);
  }
  return file;
}

// The request's type, made once.
struct Schema {
  Schema() : file(pool.BuildFile(file_of_messages())) {
    CHECK(file != nullptr);
    pb::SetLogHandler(nullptr);  // what is no request is no news
  }

  pb::DescriptorPool pool;
  const pb::FileDescriptor* file;
  pb::DynamicMessageFactory factory;

  std::unique_ptr<pb::Message> request() {
    return std::unique_ptr<pb::Message>(
        factory.GetPrototype(file->FindMessageTypeByName("Request"))->New());
  }
};

// One message, read by the names of its fields.
class Reading {
 public:
  explicit Reading(const pb::Message& message) : message_(message) {}

  template <class Visit>
  void each(const char* name, Visit visit) const {
    for (int i = 0; i < reflection().FieldSize(message_, field(name)); ++i)
      visit(Reading(reflection().GetRepeatedMessage(message_, field(name), i)));
  }
  bool has(const char* name) const { return reflection().HasField(message_, field(name)); }
  Reading at(const char* name) const {
    return Reading(reflection().GetMessage(message_, field(name)));
  }
  std::uint64_t number(const char* name) const {
    return reflection().GetUInt64(message_, field(name));
  }
  std::int64_t integer(const char* name) const {
    return reflection().GetInt64(message_, field(name));
  }
  double real_number(const char* name) const {
    return reflection().GetDouble(message_, field(name));
  }
  std::uint32_t flags() const { return reflection().GetUInt32(message_, field("flags")); }
  std::string text_of(const char* name) const {
    return reflection().GetString(message_, field(name));
  }

 private:
  const pb::Reflection& reflection() const { return *message_.GetReflection(); }
  const pb::FieldDescriptor* field(const char* name) const {
    const auto* found = message_.GetDescriptor()->FindFieldByName(name);
    CHECK(found != nullptr);
    return found;
  }

  const pb::Message& message_;
};

std::string value_of(const Reading& point, bool is_number) {
  if ((point.flags() & 1u) != 0) return "no recorded value";
  if (!is_number) return fmt::format("count {}", point.number("count"));
  if (point.has("as_int")) return fmt::format("int {}", point.integer("as_int"));
  if (!point.has("as_double")) return "none";
  return fmt::format("double {:016x}",
                     std::bit_cast<std::uint64_t>(point.real_number("as_double")));
}

void add_points(const Reading& metric, ProtobufPoints& points) {
  for (const char* type : {"gauge", "sum", "histogram", "exponential_histogram", "summary"}) {
    if (!metric.has(type)) continue;
    const bool is_number = type == std::string_view("gauge") || type == std::string_view("sum");
    metric.at(type).each("data_points", [&](const Reading& point) {
      points.push_back(fmt::format(
          "{} {} {} {} {}", metric.text_of("name"), type, point.number("time_unix_nano"),
          point.number("start_time_unix_nano"), value_of(point, is_number)));
    });
  }
}

}  // namespace

std::optional<ProtobufReading> read_by_protobuf(std::string_view body) {
  static Schema schema;
  const auto request = schema.request();
  if (!request->ParseFromArray(body.data(), static_cast<int>(body.size()))) return std::nullopt;
  ProtobufReading reading;
  Reading(*request).each("resource_metrics", [&](const Reading& resource) {
    resource.each("scope_metrics", [&](const Reading& scope) {
      scope.each("metrics", [&](const Reading& metric) { add_points(metric, reading.points); });
    });
  });
  request->DiscardUnknownFields();
  reading.canonical = request->SerializeAsString();
  return reading;
}

}  // namespace otlp::testing
