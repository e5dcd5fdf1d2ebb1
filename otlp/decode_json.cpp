#include <fmt/format.h>

#include "json/json.h"
#include "otlp/any_value_json.h"
#include "otlp/batch_builder.h"
#include "otlp/decode.h"
#include "otlp/json_value.h"
#include "otlp/place.h"

namespace otlp {
namespace {

using json::Value;

struct TypeName {
  std::string_view member;
  MetricType type;
};
constexpr TypeName type_names[] = {
    {"gauge", MetricType::gauge},
    {"sum", MetricType::sum},
    {"histogram", MetricType::histogram},
    {"exponentialHistogram", MetricType::exponential_histogram},
    {"summary", MetricType::summary},
};

struct TemporalityName {
  std::string_view name;
  int number;
};
constexpr TemporalityName temporality_names[] = {
    {"AGGREGATION_TEMPORALITY_UNSPECIFIED", 0},
    {"AGGREGATION_TEMPORALITY_DELTA", 1},
    {"AGGREGATION_TEMPORALITY_CUMULATIVE", 2},
};

Result<tsdb::Temporality> read_temporality(const Value& value) {
  if (value.is_string()) {
    for (const auto& [name, number] : temporality_names) {
      if (std::string_view(value.get_string()) == name) return to_temporality(number);
    }
  }
  TRY(const std::int64_t number, read_int64(value));
  return to_temporality(number);
}

// One walk over the parsed document. Confined to one call.
class JsonDecoder {
 public:
  JsonDecoder(Batch& batch, const DecodeOptions& options)
      : builder_(batch, options.limits), wanted_(options.wanted) {}

  Result<void> request(const Value& value) {
    TRY_VOID(must_be_object(value));
    return each(value, "resourceMetrics", [this](const Value& v) { return resource_metrics(v); });
  }

  Error locate(Error error) const { return place_.locate(std::move(error)); }

 private:
  // read(item) for every item of the list `key`.
  template <class Read>
  Result<void> each(const Value& object, std::string_view key, Read read) {
    return each(object, key, key, read);
  }
  template <class Read>
  Result<void> each(const Value& object, std::string_view key, std::string_view place, Read read) {
    const Value* list = member(object, key);
    if (list == nullptr) return {};
    if (!list->is_array()) return fail(Code::invalid, fmt::format("{}: not a list", place));
    std::size_t i = 0;
    for (const Value& item : list->get_array()) {
      place_.enter(place, i++);
      TRY_VOID(must_be_object(item));
      TRY_VOID(read(item));
      place_.leave();
    }
    return {};
  }

  // slot = read(member), when there is one.
  template <class T, class Read>
  static Result<bool> optional(const Value& object, std::string_view key, T& slot, Read read) {
    const Value* found = member(object, key);
    if (found == nullptr) return false;
    auto value = read(*found);
    if (!value) return fail(key, value.error());
    slot = *value;
    return true;
  }

  Result<void> text(const Value& object, std::string_view key, std::string_view& slot) {
    TRY(const bool found, optional(object, key, slot, read_string));
    if (found) slot = builder_.texts().keep(slot);
    return {};
  }

  Result<void> resource_metrics(const Value& value) {
    TRY_VOID(builder_.open_resource());
    if (const Value* resource = member(value, "resource")) {
      TRY_VOID(attributes(*resource, "resource.attributes"));
      builder_.resource().range.end = builder_.labels_end();
    }
    return each(value, "scopeMetrics", [this](const Value& v) { return scope_metrics(v); });
  }

  Result<void> scope_metrics(const Value& value) {
    TRY_VOID(builder_.open_scope());
    if (const Value* scope = member(value, "scope")) {
      TRY_VOID(attributes(*scope, "scope.attributes"));
      builder_.scope().attributes.range.end = builder_.labels_end();
      TRY_VOID(text(*scope, "name", builder_.scope().name));
      TRY_VOID(text(*scope, "version", builder_.scope().version));
    }
    return each(value, "metrics", [this](const Value& v) { return metric(v); });
  }

  Result<void> metric(const Value& value) {
    std::string_view name;
    TRY_VOID(optional(value, "name", name, read_string));
    if (wanted_ != nullptr && !wanted_->wants(name)) {
      builder_.skip_metric();
      return {};
    }
    TRY_VOID(builder_.open_metric());
    builder_.metric().name = builder_.texts().keep(name);
    TRY_VOID(text(value, "description", builder_.metric().description));
    TRY_VOID(text(value, "unit", builder_.metric().unit));
    const TypeName* seen = nullptr;
    for (const TypeName& row : type_names) {
      const Value* held = member(value, row.member);
      if (held == nullptr) continue;
      if (seen) return fail(Code::invalid, fmt::format("both {} and {}", seen->member, row.member));
      seen = &row;
      TRY_VOID(data(*held, row));
    }
    builder_.close_metric();
    return {};
  }

  Result<void> data(const Value& value, const TypeName& row) {
    if (!value.is_object())
      return fail(Code::invalid, fmt::format("{}: not an object", row.member));
    builder_.set_type(row.type);
    Batch::Metric& metric = builder_.metric();
    if (has_temporality(row.type))
      TRY_VOID(optional(value, "aggregationTemporality", metric.temporality, read_temporality));
    if (row.type == MetricType::sum)
      TRY_VOID(optional(value, "isMonotonic", metric.monotonic, read_bool));
    return each(value, "dataPoints", [this, type = row.type](const Value& v) {
      return is_distribution(type) ? distribution(v, type) : point(v);
    });
  }

  // What points of every type have.
  Result<Batch::Row> row(const Value& value) {
    Batch::Row row{.attributes = {.range = {builder_.labels_end(), 0}}, .point = {}};
    TRY_VOID(attributes(value, "attributes"));
    row.attributes.range.end = builder_.labels_end();
    TRY_VOID(optional(value, "startTimeUnixNano", row.point.start, read_time));
    TRY_VOID(optional(value, "timeUnixNano", row.point.time, read_time));
    TRY_VOID(optional(value, "flags", row.point.no_recorded_value, read_no_recorded_value));
    return row;
  }

  Result<void> distribution(const Value& value, MetricType type) {
    TRY(const Batch::Row read, row(value));
    Batch::Histogram histogram = builder_.open_distribution();
    tsdb::Observed& observed = histogram.observed;
    if (type == MetricType::summary) observed.sum = 0;
    TRY_VOID(optional(value, "count", observed.count, read_uint64));
    TRY_VOID(optional(value, "sum", observed.sum, read_double));
    if (type != MetricType::summary) {
      TRY_VOID(optional(value, "min", observed.min, read_double));
      TRY_VOID(optional(value, "max", observed.max, read_double));
      TRY_VOID(exemplars(value));
    }
    if (type == MetricType::histogram) TRY_VOID(explicit_buckets(value));
    if (type == MetricType::exponential_histogram) TRY_VOID(exponential_buckets(value, histogram));
    return builder_.add_distribution(read, histogram);
  }

  Result<void> explicit_buckets(const Value& value) {
    TRY_VOID(numbers(value, "bucketCounts", read_uint64,
                     [this](std::uint64_t count) { builder_.add_count(count); }));
    return numbers(value, "explicitBounds", read_double,
                   [this](double bound) { builder_.add_bound(bound); });
  }

  Result<void> exponential_buckets(const Value& value, Batch::Histogram& read) {
    TRY_VOID(optional(value, "scale", read.scale, read_int32));
    TRY_VOID(optional(value, "zeroCount", read.zero_count, read_uint64));
    TRY_VOID(optional(value, "zeroThreshold", read.zero_threshold, read_double));
    TRY_VOID(buckets(value, "positive", read.positive_offset,
                     [this](std::uint64_t count) { builder_.add_count(count); }));
    return buckets(value, "negative", read.negative_offset,
                   [this](std::uint64_t count) { builder_.add_negative_count(count); });
  }

  template <class Take>
  static Result<void> buckets(const Value& owner, std::string_view key, std::int32_t& offset,
                              Take take) {
    const Value* held = member(owner, key);
    if (held == nullptr) return {};
    if (!held->is_object()) return fail(Code::invalid, fmt::format("{}: not an object", key));
    TRY_VOID(optional(*held, "offset", offset, read_int32));
    return numbers(*held, "bucketCounts", read_uint64, take);
  }

  // take(read(item)) for every number of the list `key`.
  template <class Read, class Take>
  static Result<void> numbers(const Value& object, std::string_view key, Read read, Take take) {
    const Value* list = member(object, key);
    if (list == nullptr) return {};
    if (!list->is_array()) return fail(Code::invalid, fmt::format("{}: not a list", key));
    for (const Value& item : list->get_array()) {
      const auto number = read(item);
      if (!number) return fail(key, number.error());
      take(*number);
    }
    return {};
  }

  Result<void> exemplars(const Value& point) {
    const Value* list = member(point, "exemplars");
    if (list == nullptr) return {};
    if (!list->is_array()) return fail(Code::invalid, "exemplars: not a list");
    builder_.add_exemplars(list->get_array().size());
    return {};
  }

  Result<void> point(const Value& value) {
    TRY(Batch::Row row, this->row(value));
    TRY(const bool is_double, optional(value, "asDouble", row.point.value, read_double_value));
    TRY(const bool is_int, optional(value, "asInt", row.point.value, read_int_value));
    if (is_double && is_int) return fail(Code::invalid, "both asDouble and asInt");
    TRY_VOID(exemplars(value));
    return builder_.add_point(row, is_double || is_int);
  }

  static Result<Timestamp> read_time(const Value& value) {
    TRY(const std::uint64_t ns, read_uint64(value));
    return to_timestamp(ns);
  }
  static Result<std::int32_t> read_int32(const Value& value) {
    TRY(const std::int64_t number, read_int64(value));
    const auto narrow = static_cast<std::int32_t>(number);
    if (narrow != number) return fail(Code::invalid, "not within 32 bits");
    return narrow;
  }
  static Result<tsdb::Value> read_double_value(const Value& value) {
    TRY(const double number, read_double(value));
    return tsdb::Value::of(number);
  }
  static Result<tsdb::Value> read_int_value(const Value& value) {
    TRY(const std::int64_t number, read_int64(value));
    return tsdb::Value::of_int(number);
  }
  static Result<bool> read_no_recorded_value(const Value& value) {
    TRY(const std::uint64_t flags, read_uint64(value));
    return (flags & 1) != 0;
  }

  Result<void> attributes(const Value& owner, std::string_view place) {
    TRY_VOID(must_be_object(owner));
    return each(owner, "attributes", place, [this](const Value& v) { return attribute(v); });
  }

  Result<void> attribute(const Value& value) {
    TRY(const Attribute read, read_json_attribute(value));
    return builder_.add_label(builder_.texts().keep(read.key),
                              builder_.texts().keep(to_text(read.value)));
  }

  BatchBuilder builder_;
  tsdb::WantedView* const wanted_;  // nullptr: all are
  Place place_;
};

}  // namespace

Result<void> decode_json(std::string_view body, Batch& batch, const DecodeOptions& options) {
  batch.clear();
  TRY(const Value document, json::parse(body));
  JsonDecoder decoder(batch, options);
  const auto decoded = decoder.request(document);
  if (decoded) return {};
  batch.clear();
  return std::unexpected(decoder.locate(decoded.error()));
}

}  // namespace otlp
