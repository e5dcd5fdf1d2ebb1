#include "yaml/scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

namespace yaml {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

enum class Word : std::uint8_t { null, yes, no, nan, plus_infinity, minus_infinity };

struct WordRow {
  std::string_view text;
  Word word;
};

constexpr WordRow words[] = {
    {"", Word::null},
    {"~", Word::null},
    {"null", Word::null},
    {"Null", Word::null},
    {"NULL", Word::null},
    {"y", Word::yes},
    {"Y", Word::yes},
    {"yes", Word::yes},
    {"Yes", Word::yes},
    {"YES", Word::yes},
    {"true", Word::yes},
    {"True", Word::yes},
    {"TRUE", Word::yes},
    {"on", Word::yes},
    {"On", Word::yes},
    {"ON", Word::yes},
    {"n", Word::no},
    {"N", Word::no},
    {"no", Word::no},
    {"No", Word::no},
    {"NO", Word::no},
    {"false", Word::no},
    {"False", Word::no},
    {"FALSE", Word::no},
    {"off", Word::no},
    {"Off", Word::no},
    {"OFF", Word::no},
    {".nan", Word::nan},
    {".NaN", Word::nan},
    {".NAN", Word::nan},
    {".inf", Word::plus_infinity},
    {".Inf", Word::plus_infinity},
    {".INF", Word::plus_infinity},
    {"+.inf", Word::plus_infinity},
    {"+.Inf", Word::plus_infinity},
    {"+.INF", Word::plus_infinity},
    {"-.inf", Word::minus_infinity},
    {"-.Inf", Word::minus_infinity},
    {"-.INF", Word::minus_infinity},
};

json::Value value_of(Word word) {
  switch (word) {
    case Word::null:
      return nullptr;
    case Word::yes:
      return true;
    case Word::no:
      return false;
    case Word::nan:
      return std::numeric_limits<double>::quiet_NaN();
    case Word::plus_infinity:
      return infinity;
    case Word::minus_infinity:
      return -infinity;
  }
  return nullptr;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

struct Base {
  std::string_view prefix;
  int base;
};
// The first that fits; a leading zero alone means octal, as in YAML 1.1.
constexpr Base bases[] = {{"0x", 16}, {"0X", 16}, {"0b", 2}, {"0B", 2},
                          {"0o", 8},  {"0O", 8},  {"0", 8}};

std::optional<json::Value> integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int base = 10;
  for (const Base& row : bases) {
    if (text.size() <= row.prefix.size() || !text.starts_with(row.prefix)) continue;
    base = row.base;
    text.remove_prefix(row.prefix.size());
    break;
  }
  std::uint64_t amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  constexpr std::uint64_t signed_max = std::numeric_limits<std::int64_t>::max();
  if (negative && amount <= signed_max + 1) return static_cast<std::int64_t>(0 - amount);
  if (negative) return std::nullopt;
  if (amount <= signed_max) return static_cast<std::int64_t>(amount);
  return amount;
}

// Digits with at most one dot, then an exponent: no hexadecimal, no words.
bool looks_like_float(std::string_view text) {
  std::size_t i = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  int digits = 0;
  int dots = 0;
  for (; i < text.size() && (is_digit(text[i]) || text[i] == '.'); ++i) {
    (text[i] == '.' ? dots : digits) += 1;
  }
  if (digits == 0 || dots > 1) return false;
  if (i == text.size()) return true;
  if (text[i] != 'e' && text[i] != 'E') return false;
  ++i;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  return i < text.size() && std::ranges::all_of(text.substr(i), is_digit);
}

// A float without a fraction is written as an integer in JSON.
json::Value from_double(double value) {
  constexpr double limit = 0x1p63;
  if (value == std::trunc(value) && value >= -limit && value < limit) {
    return static_cast<std::int64_t>(value);
  }
  return value;
}

std::optional<json::Value> floating(std::string_view text) {
  if (!looks_like_float(text)) return std::nullopt;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return from_double(negative ? -value : value);
}

json::Value as_text(std::string_view text) {
  return boost::json::string_view(text.data(), text.size());
}

}  // namespace

json::Value resolve_plain(std::string_view text) {
  const auto word = std::ranges::find(words, text, &WordRow::text);
  if (word != std::end(words)) return value_of(word->word);
  const char first = text.front();
  if (!is_digit(first) && first != '+' && first != '-' && first != '.') return as_text(text);
  std::string plain(text);
  if (first != '.') std::erase(plain, '_');
  if (auto value = integer(plain)) return *value;
  if (auto value = floating(plain)) return *value;
  return as_text(text);
}

std::string key_text(const json::Value& scalar) {
  if (!scalar.is_string()) return json::print(scalar);
  return {scalar.get_string().data(), scalar.get_string().size()};
}

}  // namespace yaml
