#pragma once

// Every route of the REST port in one table: routing, 404 and 405, and the OpenAPI document come
// from it.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "server/call.h"

namespace server {

// A query parameter. Parameters of the path are in the pattern.
struct Parameter {
  std::string_view name;
  std::string_view type;  // JSON schema's: "string", "integer"
  std::string_view description;
  bool required = false;
};

using Now = Result<Response> (*)(const Call&);
using Later = Task<Result<Response>> (*)(Call);

struct Route {
  std::string_view method;
  std::string_view pattern;  // "/api/v1/objects/{namespace}/{name}"; a last segment "*" matches the
                             // rest, also nothing
  std::string_view summary;
  std::variant<Now, Later> handler;
  std::string_view media = "application/json";  // of the answer
  std::string_view schema = {};                 // of the answer, in schemas.cpp; empty: not JSON
  std::string_view body_schema = {};            // of the request
  std::span<const Parameter> parameters = {};
};

// Sorted by pattern, then method.
std::span<const Route> routes();

// What {names} and "*" matched, in order; nullopt when the path does not fit. Segments are never
// empty.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path);

// The names in a pattern's braces, in order.
std::vector<std::string_view> path_parameters(std::string_view pattern);

}  // namespace server
