#pragma once

// A thin face of Boost.JSON: parsing with limits and positions, and reading members without
// exceptions.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace json {

using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;

// Parses one document of at most 64 nested levels. Errors: invalid, with the byte offset.
Result<Value> parse(std::string_view text);

// Compact text; members keep their order. NaN and infinities become null.
std::string print(const Value& value);
// Indented by `spaces` for people.
std::string print_pretty(const Value& value, int spaces = 2);

// The member at a path of object keys, or nullptr when any step is missing: find(v, "metadata",
// "name").
const Value* find(const Value& value, std::string_view key);
template <class... Keys>
const Value* find(const Value& value, std::string_view first, std::string_view second,
                  Keys... rest) {
  const Value* member = find(value, first);
  return member ? find(*member, second, rest...) : nullptr;
}

// Typed reads of a member; nullopt when it is missing or of another type. Numbers convert when
// exact.
std::optional<std::string> text_at(const Value& value, std::string_view key);
std::optional<std::int64_t> int_at(const Value& value, std::string_view key);
std::optional<double> number_at(const Value& value, std::string_view key);
std::optional<bool> bool_at(const Value& value, std::string_view key);

// RFC 7386: `patch` merged into `target`; null removes.
void merge_patch(Value& target, const Value& patch);

}  // namespace json
