#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "server/explanation.h"
#include "server/handlers.h"
#include "server/moment.h"
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

json::Array to_array(std::span<const control::DecisionRecord> records) {
  json::Array array;
  for (const auto& record : records) array.push_back(to_json(record));
  return array;
}

json::Array to_array(std::span<const control::TriggerPoint> points) {
  json::Array array;
  for (const auto& point : points) array.push_back(to_json(point));
  return array;
}

// When `from` begins: a day back when it is not given.
Result<Timestamp> parse_from(const std::optional<std::string>& text, Timestamp now) {
  if (!text) return now - points_default;
  return parse_moment("from", *text, now);
}

// The moment to explain; nullopt: now.
Result<std::optional<Timestamp>> parse_at(const std::optional<std::string>& text, Timestamp now) {
  if (!text) return std::nullopt;
  TRY(const Timestamp at, parse_moment("at", *text, now));
  if (at <= now) return at;
  return fail(Code::invalid, fmt::format("at: {} is in the future, it is {} now",
                                         base::format_time(at), base::format_time(now)));
}

bool wants_json(const net::http::Request& request) {
  if (const auto format = request.parameter("format")) return *format == "json";
  const auto accept = request.headers.find("accept");
  return accept && accept->find("application/json") != std::string_view::npos;
}

Response explain_present(const Call& call, const control::ObjectView& object) {
  const Timestamp now = call.now();
  const auto records = call.board().records().list(object.key, explained_decisions);
  if (!wants_json(call.request)) return text_response(explain(object, records, now));
  return json_response(json::Object{{"now", base::format_time_ns(now)},
                                    {"object", to_json(object, call.board(), now)},
                                    {"at", nullptr},
                                    {"decisions", to_array(records)},
                                    {"next", nullptr},
                                    {"keptSince", nullptr}});
}

Response explain_past(const Call& call, const control::ObjectView& object, Timestamp at) {
  const Timestamp now = call.now();
  Past past{.key = object.key,
            .at = at,
            .moment = call.board().records().at(object.key, at),
            .before = {}};
  const auto& [record, next, kept_since] = past.moment;
  if (record)
    past.before = call.board().records().list(object.key, explained_decisions - 1, record->id);
  if (!wants_json(call.request)) return text_response(explain(past, now));
  json::Array decisions;
  if (record) decisions.push_back(to_json(*record));
  for (const auto& earlier : past.before) decisions.push_back(to_json(earlier));
  return json_response(
      json::Object{{"now", base::format_time_ns(now)},
                   {"object", to_json(object, call.board(), now)},
                   {"at", base::format_time_ns(at)},
                   {"decisions", std::move(decisions)},
                   {"next", next ? to_json(*next) : json::Value(nullptr)},
                   {"keptSince", kept_since ? json::Value(base::format_time_ns(*kept_since))
                                            : json::Value(nullptr)}});
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
  const auto records = call.board().records().list(object.key, static_cast<std::size_t>(limit),
                                                   static_cast<std::uint64_t>(before));
  return json_response(json::Object{{"items", to_array(records)}});
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
  TRY(const auto at, parse_at(call.request.parameter("at"), call.now()));
  return at ? explain_past(call, object, *at) : explain_present(call, object);
}

}  // namespace server
