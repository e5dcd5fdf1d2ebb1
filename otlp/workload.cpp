#include "otlp/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "base/check.h"
#include "otlp/fields.h"
#include "proto/reader.h"

namespace otlp {
namespace {

std::vector<Attribute> resource_attributes(int sender, int index) {
  const std::string name = fmt::format("{}-{}", sender, index);
  return {
      {"service.name", {"service-" + name}},
      {"service.namespace", {std::string("load")}},
      {"service.instance.id", {"instance-" + name}},
      {"host.name", {"host-" + name}},
      {"k8s.namespace.name", {std::string("default")}},
      {"k8s.pod.name", {"service-" + name + "-7d9c5b6f4-abcde"}},
      {"telemetry.sdk.language", {std::string("cpp")}},
      {"deployment.environment.name", {std::string("load-test")}},
  };
}

std::vector<Attribute> point_attributes(int index) {
  return {
      {"http.request.method", {std::string("GET")}},
      {"http.route", {fmt::format("/api/v1/items/{}", index)}},
      {"http.response.status_code", {std::int64_t{200}}},
      {"network.protocol.version", {std::string("1.1")}},
  };
}

// Times and values are placeholders: not zero, so that they are written.
std::vector<DataPoint> points(int count) {
  std::vector<DataPoint> made;
  for (int i = 0; i < count; ++i) {
    made.push_back(
        {.start_ns = 1, .time_ns = 1, .value = std::int64_t{0}, .attributes = point_attributes(i)});
  }
  return made;
}

ScopeMetrics scope() {
  return {.name = "tidewheel.generate", .version = "1"};
}

double ratio(Duration elapsed, Duration period) {
  return period.count() <= 0 ? 1 : static_cast<double>(elapsed.count()) / period.count();
}

// Calls visit(bytes) for each field `number` of the message. The bytes are ours, so they are whole.
template <class Visit>
void each(std::string_view message, std::uint32_t number, Visit visit) {
  proto::Reader in(message);
  while (in.next()) {
    if (in.field() == number) visit(in.bytes());
  }
  CHECK(in.finish().has_value());
}

template <class T>
T read_at(const std::string& bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <class T>
void write_at(std::string& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

}  // namespace

double profile_value(const ValueProfile& p, Duration elapsed) {
  const double done = ratio(elapsed, p.period);
  const double phase = done - std::floor(done);
  const double span = p.max - p.min;
  switch (p.profile) {
    case Profile::constant:
      return p.min;
    case Profile::ramp:
      return p.min + span * std::clamp(done, 0.0, 1.0);
    case Profile::sine:
      return p.min + span * (1 - std::cos(2 * std::numbers::pi * phase)) / 2;
    case Profile::step:
      return phase < 0.5 ? p.min : p.max;
  }
}

Request bulk_request(int sender) {
  Request request;
  for (int r = 0; r < 20; ++r) {
    ScopeMetrics metrics = scope();
    for (int m = 0; m < 10; ++m) {
      metrics.metrics.push_back({.name = fmt::format("load.bulk.requests.{}", m),
                                 .type = MetricType::sum,
                                 .temporality = tsdb::Temporality::cumulative,
                                 .monotonic = true,
                                 .points = points(10)});
    }
    request.resources.push_back(
        {.attributes = resource_attributes(sender, r), .scopes = {std::move(metrics)}});
  }
  return request;
}

Request small_request(int sender) {
  ScopeMetrics metrics = scope();
  metrics.metrics.push_back({.name = "load.small.queue", .points = points(10)});
  return {{{.attributes = resource_attributes(sender, 0), .scopes = {std::move(metrics)}}}};
}

Workload::Workload(const Request& request) : bytes_(encode(request)) {
  find_points();
}

// A point begins with three fields of one byte of tag and eight bytes of value.
void Workload::find_points() {
  const auto add = [this](std::string_view point, bool is_sum) {
    CHECK(point.size() >= 27 && point[0] == '\x11' && point[9] == '\x19');
    const auto at = static_cast<std::size_t>(point.data() - bytes_.data());
    const auto value_field = static_cast<unsigned char>(bytes_[at + 18]) >> 3;
    places_.push_back({.start = at + 1,
                       .time = at + 10,
                       .value = at + 19,
                       .is_int = value_field == field::point::as_int,
                       .is_sum = is_sum});
  };
  const auto in_metric = [&](std::string_view metric) {
    for (const std::uint32_t type : {field::metric::gauge, field::metric::sum}) {
      each(metric, type, [&](std::string_view data) {
        each(data, field::data::data_points,
             [&](std::string_view point) { add(point, type == field::metric::sum); });
      });
    }
  };
  each(bytes_, field::request::resource_metrics, [&](std::string_view resource) {
    each(resource, field::resource_metrics::scope_metrics,
         [&](std::string_view scope) { each(scope, field::scope_metrics::metrics, in_metric); });
  });
}

void Workload::advance(Timestamp start, Timestamp time, double value) {
  for (const PointPlace& place : places_) {
    write_at(bytes_, place.start, start.ns);
    write_at(bytes_, place.time, time.ns);
    change(place, value);
  }
}

void Workload::change(const PointPlace& place, double value) {
  if (place.is_int) {
    // Unsigned, because a counter that runs for long enough wraps.
    const std::uint64_t before = place.is_sum ? read_at<std::uint64_t>(bytes_, place.value) : 0;
    write_at(bytes_, place.value, before + static_cast<std::uint64_t>(std::llround(value)));
  } else {
    const double before = place.is_sum ? read_at<double>(bytes_, place.value) : 0;
    write_at(bytes_, place.value, before + value);
  }
}

}  // namespace otlp
