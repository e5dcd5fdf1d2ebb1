#pragma once

// Holds a JSON value against one of our schemas: the part of JSON Schema that they use.

#include <string>
#include <string_view>

#include "json/json.h"
#include "server/openapi.h"

namespace server::testing {

namespace schema_detail {

inline bool is_type(const json::Value& value, std::string_view type) {
  if (type == "null") return value.is_null();
  if (type == "boolean") return value.is_bool();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_int64() || value.is_uint64();
  if (type == "number") return value.is_number();
  if (type == "array") return value.is_array();
  return type == "object" && value.is_object();
}

inline bool has_type(const json::Value& value, const json::Value& types) {
  if (types.is_string()) return is_type(value, std::string_view(types.get_string()));
  for (const auto& type : types.get_array()) {
    if (is_type(value, std::string_view(type.get_string()))) return true;
  }
  return false;
}

}  // namespace schema_detail

// Where and how `value` differs from `schema`; empty: it fits. Members that the schema does not
// name are a difference.
inline std::string difference(const json::Value& value, const json::Value& schema,
                              const std::string& place = "$") {
  if (const auto reference = json::text_at(schema, "$ref")) {
    return difference(value, *json::find(schemas(), reference->substr(reference->rfind('/') + 1)),
                      place);
  }
  if (const auto* choices = json::find(schema, "oneOf")) {
    for (const auto& choice : choices->get_array()) {
      if (difference(value, choice, place).empty()) return {};
    }
    return place + ": fits no choice, " + difference(value, choices->get_array().back(), place);
  }
  const json::Value* type = json::find(schema, "type");
  if (type != nullptr && !schema_detail::has_type(value, *type))
    return place + ": not " + json::print(*type);
  if (const auto* names = json::find(schema, "enum")) {
    bool found = false;
    for (const auto& name : names->get_array()) found = found || name == value;
    if (!found) return place + ": not one of " + json::print(*names);
  }
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.get_array().size(); ++i) {
      auto wrong = difference(value.get_array()[i], *json::find(schema, "items"),
                              place + "[" + std::to_string(i) + "]");
      if (!wrong.empty()) return wrong;
    }
  }
  if (!value.is_object()) return {};
  const json::Value* properties = json::find(schema, "properties");
  const json::Value* others = json::find(schema, "additionalProperties");
  if (properties == nullptr && others == nullptr) return {};
  for (const auto& member : value.get_object()) {
    const std::string name(member.key());
    const json::Value* wanted = properties == nullptr ? nullptr : json::find(*properties, name);
    if (wanted == nullptr) wanted = others;
    if (wanted == nullptr) return place + "." + name + ": not in the schema";
    auto wrong = difference(member.value(), *wanted, place + "." + name);
    if (!wrong.empty()) return wrong;
  }
  if (const auto* required = json::find(schema, "required")) {
    for (const auto& name : required->get_array()) {
      if (json::find(value, std::string_view(name.get_string())) == nullptr)
        return place + ": lacks " + json::print(name);
    }
  }
  return {};
}

}  // namespace server::testing
