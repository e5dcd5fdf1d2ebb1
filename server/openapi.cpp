#include "server/openapi.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include "server/routes.h"

namespace server {
namespace {

std::string text(std::string_view view) {
  return std::string(view);
}

json::Object reference(std::string_view schema) {
  return {{"$ref", "#/components/schemas/" + text(schema)}};
}

json::Object content(std::string_view media, json::Object schema) {
  return {{text(media), json::Object{{"schema", std::move(schema)}}}};
}

json::Object parameter(const Parameter& p, std::string_view place) {
  return {{"name", p.name},
          {"in", place},
          {"required", p.required},
          {"description", p.description},
          {"schema", json::Object{{"type", p.type}}}};
}

json::Array parameters(const Route& route) {
  json::Array list;
  for (const auto name : path_parameters(route.pattern)) {
    list.push_back(
        parameter({.name = name, .type = "string", .description = name, .required = true}, "path"));
  }
  for (const Parameter& p : route.parameters) list.push_back(parameter(p, "query"));
  return list;
}

json::Object success(const Route& route) {
  json::Object answer{{"description", route.summary}};
  json::Object media;
  if (!route.schema.empty()) media = content("application/json", reference(route.schema));
  if (route.media != "application/json") {
    media[text(route.media)] = json::Object{{"schema", json::Object{{"type", "string"}}}};
  }
  answer["content"] = std::move(media);
  return answer;
}

json::Object operation(const Route& route) {
  json::Object described{{"summary", route.summary}};
  if (auto list = parameters(route); !list.empty()) described["parameters"] = std::move(list);
  if (!route.body_schema.empty()) {
    described["requestBody"] = json::Object{
        {"required", true}, {"content", content("application/json", reference(route.body_schema))}};
  }
  described["responses"] = json::Object{
      {"200", success(route)},
      {"default", json::Object{{"description", "what went wrong"},
                               {"content", content("application/json", reference("Error"))}}},
  };
  return described;
}

// "/swagger/*" is "/swagger/{path}" to OpenAPI, which has no rest patterns.
std::string path_key(std::string_view pattern) {
  return pattern.ends_with("/*") ? text(pattern.substr(0, pattern.size() - 1)) + "{path}"
                                 : text(pattern);
}

std::string lower(std::string_view word) {
  std::string out(word);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace

json::Value openapi_document() {
  json::Object paths;
  for (const Route& route : routes()) {
    json::Value& path = paths[path_key(route.pattern)];
    if (path.is_null()) path = json::Object{};
    path.get_object()[lower(route.method)] = operation(route);
  }
  return json::Object{
      {"openapi", "3.1.0"},
      {"info",
       json::Object{{"title", "Tidewheel"},
                    {"version", TIDEWHEEL_VERSION},
                    {"description",
                     "Replica counts from signals, and why. Times are RFC 3339; numbers that are "
                     "none are null."}}},
      {"paths", std::move(paths)},
      {"components", json::Object{{"schemas", schemas()}}},
  };
}

}  // namespace server
