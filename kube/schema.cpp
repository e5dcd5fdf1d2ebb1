#include "kube/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/quantity.h"
#include "base/time.h"
#include "kube/rules.h"
#include "kube/shape.h"
#include "yaml/path.h"

namespace kube {
namespace {

using Type = Shape::Type;

// Enough to fix an object by; a hostile one cannot make the answer grow.
constexpr std::size_t problems_max = 100;

std::string_view view(const boost::json::string& text) {
  return {text.data(), text.size()};
}
std::string_view view(boost::json::string_view text) {
  return {text.data(), text.size()};
}

// Walks one object along its shape and collects what is wrong.
class Check {
 public:
  void value(const Shape& shape, const json::Value& value, const std::string& path);
  std::vector<Problem> take() { return std::move(problems_); }

 private:
  void object(const Shape& shape, const json::Object& object, const std::string& path);
  void map(const Shape& shape, const json::Object& map, const std::string& path);
  void array(const Shape& shape, const json::Array& array, const std::string& path);
  void unique_items(const Shape& shape, const json::Array& array, const std::string& path);
  void text(const Shape& shape, std::string_view text, const std::string& path);
  void integer(const Shape& shape, const json::Value& value, const std::string& path);
  void quantity(const json::Value& value, const std::string& path);
  void type_is(std::string_view wanted, const json::Value& value, const std::string& path);
  void add(const std::string& path, std::string message);

  std::vector<Problem> problems_;
};

void Check::value(const Shape& shape, const json::Value& value, const std::string& path) {
  if (value.is_null()) return;
  switch (shape.type) {
    case Type::any:
      return;
    case Type::object:
      if (!value.is_object()) return type_is("an object", value, path);
      return object(shape, value.get_object(), path);
    case Type::map:
      if (!value.is_object()) return type_is("an object", value, path);
      return map(shape, value.get_object(), path);
    case Type::array:
      if (!value.is_array()) return type_is("a list", value, path);
      return array(shape, value.get_array(), path);
    case Type::text:
    case Type::time:
      if (!value.is_string()) return type_is("a string", value, path);
      return text(shape, view(value.get_string()), path);
    case Type::integer:
      return integer(shape, value, path);
    case Type::boolean:
      if (!value.is_bool()) type_is("a boolean", value, path);
      return;
    case Type::quantity:
      return quantity(value, path);
  }
}

std::string unknown_field(const Shape& shape, std::string_view name) {
  std::vector<std::string_view> known;
  for (const Field& field : shape.fields) known.push_back(field.name);
  return "unknown field" + did_you_mean(name, known);
}

void Check::object(const Shape& shape, const json::Object& object, const std::string& path) {
  if (shape.fields.empty()) return;
  for (const auto& member : object) {
    const std::string_view name = view(member.key());
    const std::string inner = yaml::member_path(path, name);
    if (const Field* field = find_field(shape, name)) {
      value(*field->shape, member.value(), inner);
    } else {
      add(inner, unknown_field(shape, name));
    }
  }
  for (const Field& field : shape.fields) {
    if (!field.required) continue;
    const json::Value* member = object.if_contains({field.name.data(), field.name.size()});
    if (member == nullptr || member->is_null()) {
      add(yaml::member_path(path, field.name), "required");
    }
  }
}

void Check::map(const Shape& shape, const json::Object& map, const std::string& path) {
  for (const auto& member : map) {
    const std::string inner = yaml::member_path(path, view(member.key()));
    if (shape.label_keys && !is_qualified_name(view(member.key()))) {
      add(inner,
          "not a valid key: want [prefix/]name, with a name of at most 63 letters, digits, "
          "'-', '_' and '.'");
    }
    // Go's JSON refuses null for a text too.
    if (member.value().is_null()) add(inner, "want a string, got null");
    value(item_shape(shape), member.value(), inner);
  }
}

void Check::array(const Shape& shape, const json::Array& array, const std::string& path) {
  if (array.size() < shape.size_min) {
    add(path, fmt::format("must have at least {} item{}", shape.size_min,
                          shape.size_min == 1 ? "" : "s"));
  }
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (problems_.size() >= problems_max) return;
    value(item_shape(shape), array[i], yaml::item_path(path, i));
  }
  if (shape.list == Shape::List::keyed) unique_items(shape, array, path);
}

void Check::unique_items(const Shape& shape, const json::Array& array, const std::string& path) {
  std::vector<std::string> seen;
  for (std::size_t i = 0; i < array.size(); ++i) {
    auto key = json::text_at(array[i], shape.list_key);
    if (!key) continue;
    if (std::ranges::find(seen, *key) != seen.end()) {
      add(yaml::member_path(yaml::item_path(path, i), shape.list_key),
          fmt::format("duplicate \"{}\"", *key));
    }
    seen.push_back(*std::move(key));
  }
}

std::string choice_list(std::span<const std::string_view> choices) {
  std::string text;
  for (const std::string_view choice : choices) {
    if (choice.empty()) continue;
    if (!text.empty()) text += ", ";
    text.append("\"").append(choice).append("\"");
  }
  return text;
}

void Check::text(const Shape& shape, std::string_view text, const std::string& path) {
  if (shape.type == Type::time) {
    if (auto time = base::parse_time(text); !time) add(path, time.error().what);
    return;
  }
  if (text.size() < shape.size_min) return add(path, "must not be empty");
  if (!shape.choices.empty() && std::ranges::find(shape.choices, text) == shape.choices.end()) {
    return add(path, "must be one of " + choice_list(shape.choices));
  }
  if (auto wrong = format_problem(shape.format, text)) add(path, *std::move(wrong));
}

void Check::integer(const Shape& shape, const json::Value& value, const std::string& path) {
  boost::json::error_code error;
  const auto number = value.to_number<std::int64_t>(error);
  if (!value.is_number() || value.is_double() || error) {
    if (value.is_number()) return add(path, "want an integer");
    return type_is("an integer", value, path);
  }
  if (number < shape.min) {
    add(path, fmt::format("must be greater than or equal to {}", shape.min));
  }
  if (number > shape.max) add(path, fmt::format("must be less than or equal to {}", shape.max));
}

void Check::quantity(const json::Value& value, const std::string& path) {
  if (value.is_number()) return;
  if (!value.is_string()) return type_is("a quantity", value, path);
  auto parsed = base::parse_quantity(view(value.get_string()));
  if (!parsed) add(path, parsed.error().what);
}

void Check::type_is(std::string_view wanted, const json::Value& value, const std::string& path) {
  std::string message = fmt::format("want {}, got {}", wanted, type_name(value));
  const bool unquoted = wanted == "a string" && (value.is_number() || value.is_bool());
  if (unquoted) message += " (put it in quotes)";
  add(path, std::move(message));
}

void Check::add(const std::string& path, std::string message) {
  if (problems_.size() < problems_max) problems_.push_back({path, std::move(message)});
}

void list_not_honoured(const Shape& shape, const json::Value& value, const std::string& path,
                       std::vector<std::string>& out) {
  if (value.is_object()) {
    for (const auto& member : value.get_object()) {
      const Field* field = find_field(shape, view(member.key()));
      if (field == nullptr || member.value().is_null()) continue;
      const std::string inner = yaml::member_path(path, field->name);
      if (!field->honoured) {
        out.push_back(inner);
      } else {
        list_not_honoured(*field->shape, member.value(), inner, out);
      }
    }
  }
  if (!value.is_array()) return;
  const json::Array& array = value.get_array();
  for (std::size_t i = 0; i < array.size(); ++i) {
    const std::string inner = yaml::item_path(path, i);
    if (i > 0 && shape.only_first_honoured) {
      out.push_back(inner);
    } else {
      list_not_honoured(item_shape(shape), array[i], inner, out);
    }
  }
}

}  // namespace

std::string to_string(std::span<const Problem> problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += "; ";
    if (!problem.field.empty()) text += problem.field + ": ";
    text += problem.message;
  }
  return text;
}

std::vector<Problem> validate(const Resource& resource, const json::Value& object) {
  if (!object.is_object()) return {{"", "want an object"}};
  Check check;
  check.value(shape_of(resource), object, "");
  std::vector<Problem> problems = check.take();
  // The rules between fields take the types for granted.
  if (problems.empty()) problems = rule_problems(resource, object);
  return problems;
}

std::vector<std::string> not_honoured(const Resource& resource, const json::Value& object) {
  std::vector<std::string> paths;
  list_not_honoured(shape_of(resource), object, "", paths);
  std::ranges::sort(paths);
  return paths;
}

}  // namespace kube
