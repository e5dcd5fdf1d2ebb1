#include "server/routes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "server/handlers.h"

namespace server {
namespace {

constexpr std::string_view html = "text/html";
constexpr std::string_view text = "text/plain";

constexpr std::array decision_parameters = {
    Parameter{"before", "integer", "only decisions with a smaller id, to page back"},
    Parameter{"limit", "integer", "how many at most, 1 to 200; 20 when not given"},
};
constexpr std::array explain_parameters = {
    Parameter{"at", "string",
              "a moment of the past: RFC 3339, a span back from now such as 10m, or @ and seconds "
              "since 1970; now when not given"},
    Parameter{"format", "string", "json; else text, unless Accept asks for application/json"},
};
constexpr std::array point_parameters = {
    Parameter{"from", "string",
              "RFC 3339, a span back from now such as 1h, or @ and seconds since 1970; a day when "
              "not given"},
    Parameter{"trigger", "integer", "index of the trigger; 0 when not given"},
};
constexpr std::array query_parameters = {
    Parameter{"operationOverTime", "string",
              "last_one (when not given), min, max, avg, count or rate"},
    Parameter{"query", "string", "metricQuery such as sum(queue_depth{queue=\"mail\"})", true},
    Parameter{"window", "string", "how far back to look, such as 5m; the retention when not given"},
};
constexpr std::array status_parameters = {
    Parameter{"limit", "integer", "how many of each at most, 1 to 1000; 10 when not given"},
};
constexpr std::array top_parameters = {
    Parameter{"limit", "integer",
              "how many objects and metrics at most, 1 to 1000; 20 when not given"},
};

constexpr Route table[] = {
    {.method = "GET",
     .pattern = "/",
     .summary = "the web page",
     .handler = show_page,
     .media = html},
    {.method = "GET",
     .pattern = "/api/v1/events",
     .summary = "changes: hello, object, removed, decision, resync",
     .handler = stream_events,
     .media = "text/event-stream"},
    {.method = "GET",
     .pattern = "/api/v1/objects",
     .summary = "every object as it stands",
     .handler = list_objects,
     .schema = "ObjectList"},
    {.method = "GET",
     .pattern = "/api/v1/objects/{namespace}/{name}",
     .summary = "one object as it stands",
     .handler = show_object,
     .schema = "Object"},
    {.method = "GET",
     .pattern = "/api/v1/objects/{namespace}/{name}/decisions",
     .summary = "its last decisions, newest first",
     .handler = list_decisions,
     .schema = "DecisionList",
     .parameters = decision_parameters},
    {.method = "GET",
     .pattern = "/api/v1/objects/{namespace}/{name}/explain",
     .summary = "why it has the replicas it has, or had",
     .handler = explain_object,
     .media = text,
     .schema = "Explanation",
     .parameters = explain_parameters},
    {.method = "GET",
     .pattern = "/api/v1/objects/{namespace}/{name}/points",
     .summary = "a trigger's value, target and replicas over time, oldest first",
     .handler = list_points,
     .schema = "PointList",
     .parameters = point_parameters},
    {.method = "GET",
     .pattern = "/api/v1/query",
     .summary = "evaluates a metricQuery now",
     .handler = query_series,
     .schema = "Answer",
     .parameters = query_parameters},
    {.method = "GET",
     .pattern = "/api/v1/status/tsdb",
     .summary = "what the store holds and who uses most of it, in Prometheus' shape",
     .handler = show_store_status,
     .schema = "StoreStatus",
     .parameters = status_parameters},
    {.method = "GET",
     .pattern = "/api/v1/top",
     .summary = "objects by problems and load, metrics by samples",
     .handler = top,
     .schema = "Top",
     .parameters = top_parameters},
    {.method = "GET",
     .pattern = "/api/v1/warnings",
     .summary = "objects of somebody else's KEDA whose trigger metadata has unknown keys; senders "
                "whose clock is wrong",
     .handler = list_warnings,
     .schema = "WarningList"},
    {.method = "GET",
     .pattern = "/assets/{file}",
     .summary = "a file of the web page",
     .handler = show_asset,
     .media = "application/octet-stream"},
    {.method = "GET",
     .pattern = "/healthz",
     .summary = "200 while the process answers",
     .handler = show_health,
     .media = text},
    {.method = "GET",
     .pattern = "/info",
     .summary = "version, platform, retention and ports",
     .handler = show_info,
     .schema = "Info"},
    {.method = "GET",
     .pattern = "/memstore/data",
     .summary = "every series with its samples",
     .handler = list_data,
     .schema = "MemstoreData"},
    {.method = "GET",
     .pattern = "/memstore/names",
     .summary = "metric names; null when there are none",
     .handler = list_names,
     .schema = "MemstoreNames"},
    {.method = "POST",
     .pattern = "/memstore/query",
     .summary = "evaluates a metricQuery now",
     .handler = query_memstore,
     .schema = "MemstoreAnswer",
     .body_schema = "MemstoreQuery"},
    {.method = "POST",
     .pattern = "/memstore/reset",
     .summary = "forgets all series",
     .handler = reset_memstore,
     .schema = "MemstoreAnswer"},
    {.method = "GET",
     .pattern = "/openapi.json",
     .summary = "this document",
     .handler = show_openapi,
     .schema = "Document"},
    {.method = "GET",
     .pattern = "/readyz",
     .summary = "200 when every part is up; 503 names those that are not",
     .handler = show_readiness,
     .media = text},
    {.method = "GET",
     .pattern = "/swagger/*",
     .summary = "redirects to the web page's API view",
     .handler = redirect_to_api_page,
     .media = html},
};
static_assert(std::ranges::is_sorted(table, {}, [](const Route& r) {
  return std::pair(r.pattern, r.method);
}));

// Takes the first segment off `path`, with the slash before it.
std::string_view take_segment(std::string_view& path) {
  const std::size_t end = std::min(path.find('/', 1), path.size());
  const std::string_view segment = path.substr(1, end - 1);
  path.remove_prefix(end);
  return segment;
}

bool is_name(std::string_view segment) {
  return segment.starts_with('{');
}

}  // namespace

std::span<const Route> routes() {
  return table;
}

std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  std::vector<std::string> captures;
  if (!path.starts_with('/')) return std::nullopt;
  while (!pattern.empty()) {
    const std::string_view wanted = take_segment(pattern);
    if (wanted == "*") {
      captures.emplace_back(path.empty() ? path : path.substr(1));
      return captures;
    }
    if (path.empty()) return std::nullopt;
    const std::string_view segment = take_segment(path);
    if (is_name(wanted) ? segment.empty() : segment != wanted) return std::nullopt;
    if (is_name(wanted)) captures.emplace_back(segment);
  }
  if (!path.empty()) return std::nullopt;
  return captures;
}

std::vector<std::string_view> path_parameters(std::string_view pattern) {
  std::vector<std::string_view> names;
  while (!pattern.empty()) {
    const std::string_view segment = take_segment(pattern);
    if (is_name(segment)) names.push_back(segment.substr(1, segment.size() - 2));
  }
  return names;
}

}  // namespace server
