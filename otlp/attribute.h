#pragma once

// OTLP's attribute values, and their one text. Plain values and pure functions.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace otlp {

struct Attribute;

// Bytes that need not be text.
struct Bytes {
  std::string value;
  bool operator==(const Bytes&) const = default;
};

// OTLP's AnyValue; monostate is the value that was not set.
struct AttributeValue {
  using List = std::vector<AttributeValue>;
  using Map = std::vector<Attribute>;

  std::variant<std::monostate, std::string, bool, std::int64_t, double, Bytes, List, Map> value;
};

struct Attribute {
  std::string key;
  AttributeValue value;
};

// What a label says for this value: strings as they are, true and false, decimal integers,
// number_text(), base64 of bytes, "" when unset, lists and maps as compact JSON with sorted keys
// (unset as null, bytes and what is not finite as strings; of two equal keys the last).
std::string to_text(const AttributeValue& value);

// The shortest decimal that reads back as the same double, as Go's %v prints it: 1, 0.5, 999999,
// 1e+06, 1e-05, NaN, +Inf, -Inf.
std::string number_text(double number);

}  // namespace otlp
