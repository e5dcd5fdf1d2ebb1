#include "server/external_scaler_messages.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "proto/reader.h"
#include "proto/writer.h"

namespace server {
namespace {

Result<void> read_entry(scalers::kedify_otel::Metadata& metadata, proto::Reader entry) {
  std::string key;
  std::string value;
  while (entry.next()) {
    switch (entry.field()) {
      case 1:
        key = entry.text();
        break;
      case 2:
        value = entry.text();
        break;
      default:
        break;
    }
  }
  TRY_VOID(entry.finish());
  metadata.insert_or_assign(std::move(key), std::move(value));
  if (metadata.size() > metadata_entries_max) return fail(Code::invalid, "too many entries");
  return {};
}

Result<ScaledObjectRef> read_object(proto::Reader message) {
  ScaledObjectRef object;
  while (message.next()) {
    switch (message.field()) {
      case 1:
        object.name = message.text();
        break;
      case 2:
        object.ns = message.text();
        break;
      case 3:
        if (auto entry = read_entry(object.metadata, message.message()); !entry) {
          return fail("scalerMetadata", entry.error());
        }
        break;
      default:
        break;
    }
  }
  TRY_VOID(message.finish());
  return object;
}

Result<MetricsRequest> read_request(proto::Reader message) {
  MetricsRequest request;
  while (message.next()) {
    switch (message.field()) {
      case 1: {
        auto object = read_object(message.message());
        if (!object) return fail("scaledObjectRef", object.error());
        request.object = std::move(*object);
        break;
      }
      case 2:
        request.metric_name = message.text();
        break;
      default:
        break;
    }
  }
  TRY_VOID(message.finish());
  return request;
}

std::int64_t rounded_up(double value) {
  constexpr double limit = 9223372036854775808.0;  // 2^63
  const double up = std::ceil(value);
  if (std::isnan(up)) return 0;
  if (up >= limit) return std::numeric_limits<std::int64_t>::max();
  if (up < -limit) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(up);
}

void write_object(proto::Writer& out, const ScaledObjectRef& object) {
  out.text(1, object.name);
  out.text(2, object.ns);
  for (const auto& [key, value] : object.metadata) {
    out.message(3, [&](proto::Writer& entry) {
      entry.text(1, key);
      entry.text(2, value);
    });
  }
}

// MetricSpec and MetricValue have the same layout, and so have the answers that hold one of them.
std::string encode_number(std::string_view name, double value) {
  std::string bytes;
  proto::Writer(bytes).message(1, [&](proto::Writer& number) {
    number.text(1, name);
    number.int64(2, rounded_up(value));
    number.float64(3, value);
  });
  return bytes;
}

}  // namespace

Result<ScaledObjectRef> decode_object(std::string_view bytes) {
  return read_object(proto::Reader(bytes));
}

Result<MetricsRequest> decode_metrics_request(std::string_view bytes) {
  return read_request(proto::Reader(bytes));
}

std::string encode(const ScaledObjectRef& object) {
  std::string bytes;
  proto::Writer out(bytes);
  write_object(out, object);
  return bytes;
}

std::string encode(const MetricsRequest& request) {
  std::string bytes;
  proto::Writer out(bytes);
  out.message(1, [&](proto::Writer& object) { write_object(object, request.object); });
  out.text(2, request.metric_name);
  return bytes;
}

std::string encode_active(bool active) {
  std::string bytes;
  proto::Writer(bytes).boolean(1, active);
  return bytes;
}

std::string encode(const MetricSpec& spec) {
  return encode_number(spec.metric_name, spec.target);
}

std::string encode(const MetricValue& value) {
  return encode_number(value.metric_name, value.value);
}

}  // namespace server
