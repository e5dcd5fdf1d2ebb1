#include "otlp/attribute.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <map>

#include "base/base64.h"
#include "json/json.h"

namespace otlp {
namespace {

std::string quoted(std::string_view text) {
  return json::print(json::Value(text));
}

std::string list_json(const AttributeValue::List& list);
std::string map_json(const AttributeValue::Map& map);

// The text of each alternative inside a list or a map.
struct Json {
  std::string operator()(std::monostate) const { return "null"; }
  std::string operator()(const std::string& text) const { return quoted(text); }
  std::string operator()(bool truth) const { return truth ? "true" : "false"; }
  std::string operator()(std::int64_t integer) const { return std::to_string(integer); }
  std::string operator()(double number) const {
    return std::isfinite(number) ? number_text(number) : quoted(number_text(number));
  }
  std::string operator()(const Bytes& bytes) const {
    return quoted(base::encode_base64(bytes.value));
  }
  std::string operator()(const AttributeValue::List& list) const { return list_json(list); }
  std::string operator()(const AttributeValue::Map& map) const { return map_json(map); }
};

// On its own a value has no quotes; everything else reads as it does inside a list.
struct Text : Json {
  using Json::operator();
  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(const std::string& text) const { return text; }
  std::string operator()(double number) const { return number_text(number); }
  std::string operator()(const Bytes& bytes) const { return base::encode_base64(bytes.value); }
};

std::string list_json(const AttributeValue::List& list) {
  std::string out = "[";
  for (const AttributeValue& item : list) {
    if (out.size() > 1) out += ',';
    out += std::visit(Json{}, item.value);
  }
  return out + "]";
}

std::string map_json(const AttributeValue::Map& map) {
  std::map<std::string_view, const AttributeValue*> sorted;
  for (const Attribute& item : map) sorted[item.key] = &item.value;
  std::string out = "{";
  for (const auto& [key, value] : sorted) {
    if (out.size() > 1) out += ',';
    out += quoted(key) + ":" + std::visit(Json{}, value->value);
  }
  return out + "}";
}

std::string printed(double number, std::chars_format format) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number, format).ptr};
}

int exponent_of(std::string_view scientific) {
  std::string_view digits = scientific.substr(scientific.find('e') + 1);
  if (digits.front() == '+') digits.remove_prefix(1);
  int exponent = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  return exponent;
}

}  // namespace

std::string to_text(const AttributeValue& value) {
  return std::visit(Text{}, value.value);
}

std::string number_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  const std::string scientific = printed(number, std::chars_format::scientific);
  const int exponent = exponent_of(scientific);
  return exponent < -4 || exponent >= 6 ? scientific : printed(number, std::chars_format::fixed);
}

}  // namespace otlp
