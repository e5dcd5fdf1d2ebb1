#include "otlp/json_value.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/base64.h"

namespace otlp {
namespace {

template <class T>
std::optional<T> parse_whole(std::string_view text) {
  T number{};
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

template <class T>
Result<T> read_integer(const json::Value& value) {
  std::optional<T> number;
  if (value.is_string()) {
    number = parse_whole<T>(value.get_string());
  } else if (value.is_number()) {
    boost::json::error_code error;
    const T exact = value.to_number<T>(error);  // an error when the number has another value
    if (!error) number = exact;
  }
  if (!number) return fail(Code::invalid, "not an integer of its range");
  return *number;
}

}  // namespace

const json::Value* member(const json::Value& object, std::string_view key) {
  const json::Value* found = json::find(object, key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

Result<void> must_be_object(const json::Value& value) {
  if (value.is_object()) return {};
  return fail(Code::invalid, "not an object");
}

Result<std::string_view> read_string(const json::Value& value) {
  if (!value.is_string()) return fail(Code::invalid, "not a string");
  return std::string_view(value.get_string());
}

Result<bool> read_bool(const json::Value& value) {
  if (!value.is_bool()) return fail(Code::invalid, "not true or false");
  return value.get_bool();
}

Result<std::int64_t> read_int64(const json::Value& value) {
  return read_integer<std::int64_t>(value);
}

Result<std::uint64_t> read_uint64(const json::Value& value) {
  return read_integer<std::uint64_t>(value);
}

Result<double> read_double(const json::Value& value) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (value.is_number()) {
    boost::json::error_code error;
    return value.to_number<double>(error);
  }
  if (value.is_string()) {
    const std::string_view text = value.get_string();
    if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (text == "Infinity") return infinity;
    if (text == "-Infinity") return -infinity;
    const auto number = parse_whole<double>(text);
    // from_chars knows "inf" and "nan", ProtoJSON does not.
    if (number && std::isfinite(*number)) return *number;
  }
  return fail(Code::invalid, "not a number");
}

Result<std::string> read_base64(const json::Value& value) {
  TRY(const std::string_view text, read_string(value));
  return base::decode_base64(text);
}

}  // namespace otlp
