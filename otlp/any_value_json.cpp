#include "otlp/any_value_json.h"

#include <fmt/format.h>

#include <cmath>

#include "base/base64.h"
#include "otlp/decode.h"
#include "otlp/json_value.h"

namespace otlp {
namespace {

using json::Value;

// Confined to one attribute.
class ValueReader {
 public:
  Result<Attribute> attribute(const Value& value, int level) {
    TRY_VOID(must_be_object(value));
    Attribute read;
    if (const Value* key = member(value, "key")) {
      TRY(read.key, read_string(*key));
    }
    if (const Value* held = member(value, "value")) {
      TRY(read.value, any(*held, level));
    }
    return read;
  }

 private:
  using Held = decltype(AttributeValue::value);
  using Read = Result<Held> (ValueReader::*)(const Value&, int);
  struct Row {
    std::string_view member;
    Read read;
  };

  Result<AttributeValue> any(const Value& value, int level) {
    static constexpr Row rows[] = {
        {"stringValue", &ValueReader::string_value}, {"boolValue", &ValueReader::bool_value},
        {"intValue", &ValueReader::int_value},       {"doubleValue", &ValueReader::double_value},
        {"arrayValue", &ValueReader::array_value},   {"kvlistValue", &ValueReader::kvlist_value},
        {"bytesValue", &ValueReader::bytes_value},
    };
    TRY_VOID(must_be_object(value));
    if (level > value_nesting_max) return fail(Code::invalid, "value nested too deep");
    if (++elements_ > value_elements_max) return fail(Code::invalid, "value of too many elements");
    AttributeValue result;
    const Row* seen = nullptr;
    for (const Row& row : rows) {
      const Value* held = member(value, row.member);
      if (held == nullptr) continue;
      if (seen) return fail(Code::invalid, fmt::format("both {} and {}", seen->member, row.member));
      seen = &row;
      auto read = (this->*row.read)(*held, level);
      if (!read) return fail(row.member, read.error());
      result.value = std::move(*read);
    }
    return result;
  }

  Result<Held> string_value(const Value& value, int) {
    TRY(const std::string_view text, read_string(value));
    return std::string(text);
  }
  Result<Held> bool_value(const Value& value, int) { return read_bool(value); }
  Result<Held> int_value(const Value& value, int) { return read_int64(value); }
  Result<Held> double_value(const Value& value, int) { return read_double(value); }
  Result<Held> bytes_value(const Value& value, int) {
    TRY(std::string bytes, read_base64(value));
    return Bytes{std::move(bytes)};
  }

  Result<Held> array_value(const Value& value, int level) {
    AttributeValue::List items;
    TRY(const json::Array* list, values(value));
    if (list == nullptr) return items;
    for (const Value& item : *list) {
      TRY(auto read, any(item, level + 1));
      items.push_back(std::move(read));
    }
    return items;
  }

  Result<Held> kvlist_value(const Value& value, int level) {
    AttributeValue::Map items;
    TRY(const json::Array* list, values(value));
    if (list == nullptr) return items;
    for (const Value& item : *list) {
      TRY(auto read, attribute(item, level + 1));
      items.push_back(std::move(read));
    }
    return items;
  }

  // The list "values" of an ArrayValue or KeyValueList; nullptr when it is missing.
  static Result<const json::Array*> values(const Value& value) {
    TRY_VOID(must_be_object(value));
    const Value* list = member(value, "values");
    if (list == nullptr) return nullptr;
    if (!list->is_array()) return fail(Code::invalid, "values: not a list");
    return &list->get_array();
  }

  std::size_t elements_ = 0;
};

json::Value json_any(const AttributeValue& value);

struct ValuePrinter {
  json::Object operator()(std::monostate) const { return {}; }
  json::Object operator()(const std::string& text) const { return {{"stringValue", text}}; }
  json::Object operator()(bool truth) const { return {{"boolValue", truth}}; }
  json::Object operator()(std::int64_t integer) const {
    return {{"intValue", std::to_string(integer)}};
  }
  json::Object operator()(double number) const { return {{"doubleValue", json_double(number)}}; }
  json::Object operator()(const Bytes& bytes) const {
    return {{"bytesValue", base::encode_base64(bytes.value)}};
  }
  json::Object operator()(const AttributeValue::List& list) const {
    json::Array items;
    for (const AttributeValue& item : list) items.push_back(json_any(item));
    return {{"arrayValue", json::Object{{"values", std::move(items)}}}};
  }
  json::Object operator()(const AttributeValue::Map& map) const {
    json::Array items;
    for (const Attribute& item : map) items.push_back(json_attribute(item));
    return {{"kvlistValue", json::Object{{"values", std::move(items)}}}};
  }
};

json::Value json_any(const AttributeValue& value) {
  return std::visit(ValuePrinter{}, value.value);
}

}  // namespace

Result<Attribute> read_json_attribute(const json::Value& key_value) {
  return ValueReader().attribute(key_value, 0);
}

json::Value json_attribute(const Attribute& attribute) {
  return json::Object{{"key", attribute.key}, {"value", json_any(attribute.value)}};
}

json::Value json_double(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return number;
}

}  // namespace otlp
