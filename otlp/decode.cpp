#include "otlp/decode.h"

#include "otlp/any_value.h"
#include "otlp/batch_builder.h"
#include "otlp/fields.h"
#include "otlp/place.h"
#include "proto/reader.h"

namespace otlp {
namespace {

using proto::Reader;

// The messages around a value, and three for each map in a map.
constexpr int message_nesting_max = 16 + 3 * value_nesting_max;

// One pass over the request's bytes. Confined to one call.
class Decoder {
 public:
  Decoder(Batch& batch, const DecodeLimits& limits) : builder_(batch, limits) {}

  Result<void> request(Reader in) {
    for (std::size_t i = 0; in.next();) {
      if (in.field() != field::request::resource_metrics) continue;
      place_.enter("resource_metrics", i++);
      TRY_VOID(resource_metrics(in.message()));
      place_.leave();
    }
    return in.finish();
  }

  Error locate(Error error) const { return place_.locate(std::move(error)); }

 private:
  Result<void> resource_metrics(Reader in) {
    TRY_VOID(builder_.open_resource());
    for (std::size_t i = 0; in.next();) {
      switch (in.field()) {
        case field::resource_metrics::resource: {
          TRY_VOID(resource(in.message()));
          break;
        }
        case field::resource_metrics::scope_metrics:
          place_.enter("scope_metrics", i++);
          TRY_VOID(scope_metrics(in.message()));
          place_.leave();
          break;
        default:
          break;
      }
    }
    return in.finish();
  }

  Result<void> resource(Reader in) {
    TRY_VOID(builder_.continue_labels(builder_.resource()));
    for (std::size_t i = 0; in.next();) {
      if (in.field() != field::resource::attributes) continue;
      TRY_VOID(attribute(in.message(), "resource.attributes", i++));
    }
    builder_.resource().end = builder_.labels_end();
    return in.finish();
  }

  Result<void> scope_metrics(Reader in) {
    TRY_VOID(builder_.open_scope());
    for (std::size_t i = 0; in.next();) {
      switch (in.field()) {
        case field::scope_metrics::scope: {
          TRY_VOID(scope(in.message()));
          break;
        }
        case field::scope_metrics::metrics:
          place_.enter("metrics", i++);
          TRY_VOID(metric(in.message()));
          place_.leave();
          break;
        default:
          break;
      }
    }
    return in.finish();
  }

  Result<void> scope(Reader in) {
    TRY_VOID(builder_.continue_labels(builder_.scope().attributes));
    for (std::size_t i = 0; in.next();) {
      switch (in.field()) {
        case field::scope::name:
          builder_.scope().name = in.text();
          break;
        case field::scope::version:
          builder_.scope().version = in.text();
          break;
        case field::scope::attributes: {
          TRY_VOID(attribute(in.message(), "scope.attributes", i++));
          break;
        }
        default:
          break;
      }
    }
    builder_.scope().attributes.end = builder_.labels_end();
    return in.finish();
  }

  Result<void> metric(Reader in) {
    TRY_VOID(builder_.open_metric());
    while (in.next()) {
      if (in.field() == field::metric::name) {
        builder_.metric().name = in.text();
      } else if (const MetricType type = type_of(in.field()); type != MetricType::none) {
        builder_.set_type(type);
        TRY_VOID(data(in.message(), type));
      }
    }
    builder_.close_metric();
    return in.finish();
  }

  static MetricType type_of(std::uint32_t number) {
    switch (number) {
      case field::metric::gauge:
        return MetricType::gauge;
      case field::metric::sum:
        return MetricType::sum;
      case field::metric::histogram:
        return MetricType::histogram;
      case field::metric::exponential_histogram:
        return MetricType::exponential_histogram;
      case field::metric::summary:
        return MetricType::summary;
      default:
        return MetricType::none;
    }
  }

  Result<void> data(Reader in, MetricType type) {
    Batch::Metric& metric = builder_.metric();
    for (std::size_t i = 0; in.next();) {
      if (in.field() == field::data::data_points) {
        place_.enter("data_points", i++);
        TRY_VOID(is_distribution(type) ? distribution(in.message(), type) : point(in.message()));
        place_.leave();
      } else if (has_temporality(type) && in.field() == field::data::aggregation_temporality) {
        metric.temporality = to_temporality(in.int32());
      } else if (type == MetricType::sum && in.field() == field::data::is_monotonic) {
        metric.monotonic = in.boolean();
      }
    }
    return in.finish();
  }

  Result<void> point(Reader in) {
    Batch::Row row{.attributes = {builder_.labels_end(), 0}, .point = {}};
    tsdb::Point& point = row.point;
    bool has_value = false;
    for (std::size_t i = 0; in.next();) {
      switch (in.field()) {
        case field::point::start_time_unix_nano:
          point.start = to_timestamp(in.fixed64());
          break;
        case field::point::time_unix_nano:
          point.time = to_timestamp(in.fixed64());
          break;
        case field::point::as_double:
          point.value = tsdb::Value::of(in.float64());
          has_value = true;
          break;
        case field::point::as_int:
          point.value = tsdb::Value::of_int(in.sfixed64());
          has_value = true;
          break;
        case field::point::attributes: {
          TRY_VOID(attribute(in.message(), "attributes", i++));
          break;
        }
        case field::point::flags:
          point.no_recorded_value = (in.uint32() & field::point::no_recorded_value) != 0;
          break;
        default:
          break;
      }
    }
    TRY_VOID(in.finish());
    row.attributes.end = builder_.labels_end();
    return builder_.add_point(row, has_value);
  }

  static field::distribution::Numbers numbers_of(MetricType type) {
    if (type == MetricType::histogram) return field::distribution::histogram;
    if (type == MetricType::summary) return field::distribution::summary;
    return field::distribution::exponential_histogram;
  }

  // Buckets and quantiles are not read, but they must be whole.
  Result<void> distribution(Reader in, MetricType type) {
    const auto numbers = numbers_of(type);
    Batch::Row row{.attributes = {builder_.labels_end(), 0}, .point = {}};
    Distribution read;
    if (type == MetricType::summary) read.sum = 0;  // without presence: not sent is 0
    for (std::size_t i = 0; in.next();) {
      if (in.field() == numbers.attributes) {
        TRY_VOID(attribute(in.message(), "attributes", i++));
      } else if (in.field() == numbers.flags) {
        row.point.no_recorded_value = (in.uint32() & field::point::no_recorded_value) != 0;
      } else if (in.field() == field::distribution::start_time_unix_nano) {
        row.point.start = to_timestamp(in.fixed64());
      } else if (in.field() == field::distribution::time_unix_nano) {
        row.point.time = to_timestamp(in.fixed64());
      } else if (in.field() == field::distribution::count) {
        read.count = in.fixed64();
      } else if (in.field() == field::distribution::sum) {
        read.sum = in.float64();
      }
    }
    TRY_VOID(in.finish());
    row.attributes.end = builder_.labels_end();
    return builder_.add_distribution(row, read);
  }

  Result<void> attribute(Reader in, std::string_view list, std::size_t index) {
    place_.enter(list, index);
    std::string_view key;
    std::string_view value;
    while (in.next()) {
      switch (in.field()) {
        case field::key_value::key:
          key = in.text();
          break;
        case field::key_value::value: {
          TRY(value, read_text(in.message(), builder_.texts()));
          break;
        }
        default:
          break;
      }
    }
    TRY_VOID(in.finish());
    place_.leave();
    return builder_.add_label(key, value);
  }

  BatchBuilder builder_;
  Place place_;
};

}  // namespace

Result<void> decode(std::string_view body, Batch& batch, const DecodeLimits& limits) {
  batch.clear();
  Decoder decoder(batch, limits);
  const auto decoded = decoder.request(Reader(body, message_nesting_max));
  if (decoded) return {};
  batch.clear();
  return std::unexpected(decoder.locate(decoded.error()));
}

}  // namespace otlp
