#include "otlp/json_value.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

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

constexpr std::uint8_t no_digit = 64;

// Value of one base64 character in either alphabet.
constexpr std::uint8_t digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint8_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint8_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0' + 52);
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return no_digit;
}

std::string_view without_padding(std::string_view text) {
  for (int i = 0; i < 2 && text.size() % 4 != 1 && text.ends_with('='); ++i) text.remove_suffix(1);
  return text;
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
  const std::string_view digits = without_padding(text);
  if (digits.size() % 4 == 1) return fail(Code::invalid, "not base64");
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : digits) {
    const std::uint8_t digit = digit_of(c);
    if (digit == no_digit) return fail(Code::invalid, "not base64");
    bits = bits << 6 | digit;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xff);
  }
  return out;
}

}  // namespace otlp
