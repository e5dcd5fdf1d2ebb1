#pragma once

// Rules that a table of fields cannot say: formats of texts, and what fields must agree on. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"
#include "kube/client.h"
#include "kube/schema.h"
#include "kube/shape.h"

namespace kube {

// What is wrong with `text` in this format, or nothing.
std::optional<std::string> format_problem(Shape::Text format, std::string_view text);

// [prefix/]name of labels and annotations: a DNS subdomain, and 1 to 63 letters, digits, '-', '_',
// '.'.
bool is_qualified_name(std::string_view text);

// What the fields of an object, each of them right by itself, do not agree on.
std::vector<Problem> rule_problems(const Resource& resource, const json::Value& object);

}  // namespace kube
