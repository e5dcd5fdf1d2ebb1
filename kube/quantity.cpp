#include "kube/quantity.h"

#include <charconv>
#include <cmath>
#include <string>

namespace kube {
namespace {

struct Suffix {
  std::string_view text;
  double factor;
};

constexpr Suffix suffixes[] = {
    {"", 1},        {"n", 1e-9},    {"u", 1e-6},    {"m", 1e-3},    {"k", 1e3},     {"M", 1e6},
    {"G", 1e9},     {"T", 1e12},    {"P", 1e15},    {"E", 1e18},    {"Ki", 0x1p10}, {"Mi", 0x1p20},
    {"Gi", 0x1p30}, {"Ti", 0x1p40}, {"Pi", 0x1p50}, {"Ei", 0x1p60},
};

bool is_number_char(char c) {
  return (c >= '0' && c <= '9') || c == '.';
}

Result<double> number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return fail(Code::invalid, "not a number");
  }
  return value;
}

Result<double> parse(std::string_view text) {
  std::size_t digits = text.starts_with('+') || text.starts_with('-') ? 1 : 0;
  const std::size_t first = digits;
  while (digits < text.size() && is_number_char(text[digits])) ++digits;
  if (digits == first) return fail(Code::invalid, "no digits");
  const std::string_view suffix = text.substr(digits);
  for (const Suffix& row : suffixes) {
    if (row.text != suffix) continue;
    TRY(const double amount, number(text.substr(0, digits)));
    return amount * row.factor;
  }
  if (suffix.starts_with('e') || suffix.starts_with('E')) return number(text);
  return fail(Code::invalid, "unknown suffix");
}

}  // namespace

Result<double> parse_quantity(std::string_view text) {
  auto value = parse(text);
  if (!value) {
    return fail(Code::invalid, "bad quantity \"" + std::string(text) + "\": " + value.error().what);
  }
  return value;
}

}  // namespace kube
