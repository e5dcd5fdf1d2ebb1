#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "server/explanation.h"
#include "server/handlers.h"
#include "server/views.h"

namespace server {
namespace {

constexpr std::int64_t decisions_max = 200;
constexpr std::int64_t decisions_default = 20;
constexpr std::size_t explained_decisions = 10;
constexpr Duration points_default = std::chrono::hours(24);

kube::Key key_of(const Call& call) {
  return {call.captures[0], call.captures[1]};
}

Result<control::ObjectView> find_object(const Call& call) {
  auto object = call.board().object(key_of(call));
  if (!object) return fail(Code::not_found, "no object " + kube::to_string(key_of(call)));
  return std::move(*object);
}

json::Array to_array(std::span<const control::DecisionRecord> records,
                     const control::ObjectView& object) {
  json::Array array;
  for (const auto& record : records) array.push_back(to_json(record, object));
  return array;
}

json::Array to_array(std::span<const control::TriggerPoint> points) {
  json::Array array;
  for (const auto& point : points) array.push_back(to_json(point));
  return array;
}

// When `from` begins: a moment, or a span back from now.
Result<Timestamp> parse_from(const std::optional<std::string>& text, Timestamp now) {
  if (!text) return now - points_default;
  if (const auto span = base::parse_duration(*text); span && *span >= Duration{0})
    return now - *span;
  if (const auto moment = base::parse_time(*text)) return *moment;
  return fail(Code::invalid,
              fmt::format("from: \"{}\" is neither RFC 3339 nor a span such as 1h", *text));
}

bool wants_json(const net::http::Request& request) {
  if (const auto format = request.parameter("format")) return *format == "json";
  const auto accept = request.headers.find("accept");
  return accept && accept->find("application/json") != std::string_view::npos;
}

}  // namespace

Result<Response> list_objects(const Call& call) {
  json::Array items;
  for (const auto& object : call.board().objects())
    items.push_back(to_json(object, call.board(), call.now()));
  return json_response(
      json::Object{{"now", base::format_time_ns(call.now())}, {"items", std::move(items)}});
}

Result<Response> show_object(const Call& call) {
  TRY(const auto object, find_object(call));
  return json_response(to_json(object, call.board(), call.now()));
}

Result<Response> list_decisions(const Call& call) {
  TRY(const auto object, find_object(call));
  TRY(const auto limit,
      int_parameter(call.request, "limit", decisions_default, {1, decisions_max}));
  TRY(const auto before, int_parameter(call.request, "before", INT64_MAX, {0, INT64_MAX}));
  auto records = call.board().decisions(object.key, SIZE_MAX);
  std::erase_if(records, [before](const auto& record) {
    return record.id >= static_cast<std::uint64_t>(before);
  });
  records.resize(std::min(records.size(), static_cast<std::size_t>(limit)));
  return json_response(json::Object{{"items", to_array(records, object)}});
}

Result<Response> list_points(const Call& call) {
  TRY(const auto object, find_object(call));
  const auto last = std::max<std::int64_t>(std::ssize(object.triggers) - 1, 0);
  TRY(const auto trigger, int_parameter(call.request, "trigger", 0, {0, last}));
  TRY(const auto from, parse_from(call.request.parameter("from"), call.now()));
  const auto points = call.board().points(object.key, static_cast<std::size_t>(trigger), from);
  return json_response(json::Object{{"trigger", trigger}, {"items", to_array(points)}});
}

Result<Response> explain_object(const Call& call) {
  TRY(const auto object, find_object(call));
  const auto records = call.board().decisions(object.key, explained_decisions);
  if (!wants_json(call.request)) return text_response(explain(object, records, call.now()));
  return json_response(json::Object{{"now", base::format_time_ns(call.now())},
                                    {"object", to_json(object, call.board(), call.now())},
                                    {"decisions", to_array(records, object)}});
}

}  // namespace server
