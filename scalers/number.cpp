#include "scalers/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>

namespace scalers {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_word(std::string_view text, std::string_view word) {
  return std::ranges::equal(text, word, {}, lower);
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || lower(text.front()) != wanted) return false;
  text.remove_prefix(1);
  return true;
}

template <class Wanted>
std::size_t take_while(std::string_view& text, Wanted wanted) {
  const auto end = std::ranges::find_if_not(text, wanted);
  const auto count = static_cast<std::size_t>(end - text.begin());
  text.remove_prefix(count);
  return count;
}

// Digits with at most one point among or beside them, then an exponent: required of hexadecimals.
bool is_number(std::string_view text, bool hex) {
  const auto digit = hex ? is_hex_digit : is_digit;
  std::size_t digits = take_while(text, digit);
  if (take(text, '.')) digits += take_while(text, digit);
  if (digits == 0) return false;
  if (text.empty()) return !hex;
  if (!take(text, hex ? 'p' : 'e')) return false;
  if (!take(text, '-')) take(text, '+');
  return take_while(text, is_digit) > 0 && text.empty();
}

// Infinities may have a sign, NaN has none.
std::optional<double> special(std::string_view unsigned_text, bool negative, bool has_sign) {
  if (same_word(unsigned_text, "inf") || same_word(unsigned_text, "infinity")) {
    return negative ? -std::numeric_limits<double>::infinity()
                    : std::numeric_limits<double>::infinity();
  }
  if (!has_sign && same_word(unsigned_text, "nan")) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return std::nullopt;
}

std::unexpected<Error> not_a_number(std::string_view text) {
  return fail(Code::invalid, fmt::format("\"{}\" is not a number", text));
}

// `digits` is well-formed, without sign and without 0x.
Result<double> magnitude(std::string_view digits, bool hex, std::string_view whole) {
  double value = 0;
  const auto format = hex ? std::chars_format::hex : std::chars_format::general;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, format);
  if (error == std::errc::result_out_of_range) {
    // from_chars does not say on which side; too small is no error.
    value = std::strtod(((hex ? "0x" : "") + std::string(digits)).c_str(), nullptr);
    if (std::isinf(value)) {
      return fail(Code::invalid, fmt::format("\"{}\" is out of range", whole));
    }
    return value;
  }
  if (error != std::errc{} || end != digits.data() + digits.size()) return not_a_number(whole);
  return value;
}

}  // namespace

Result<double> parse_number(std::string_view text) {
  std::string_view rest = text;
  const bool negative = take(rest, '-');
  const bool has_sign = negative || take(rest, '+');
  if (const auto value = special(rest, negative, has_sign)) return *value;
  const bool hex = rest.starts_with("0x") || rest.starts_with("0X");
  if (hex) rest.remove_prefix(2);
  if (!is_number(rest, hex)) return not_a_number(text);
  TRY(const double value, magnitude(rest, hex, text));
  return negative ? -value : value;
}

Result<double> parse_finite_number(std::string_view text) {
  TRY(const double value, parse_number(text));
  if (!std::isfinite(value)) return fail(Code::invalid, fmt::format("\"{}\" is not finite", text));
  return value;
}

}  // namespace scalers
