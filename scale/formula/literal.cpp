#include "scale/formula/literal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace scale::formula {
namespace {

struct Base {
  std::string_view prefix;
  int base;
};

constexpr Base bases[] = {{"0x", 16}, {"0o", 8}, {"0b", 2}, {"", 10}};

Result<Node> integer_node(std::string_view digits, int base) {
  Node node{.kind = NodeKind::integer};
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), node.integer, base);
  if (error == std::errc::result_out_of_range)
    return fail(Code::invalid, "this integer needs more than 64 bits");
  if (error != std::errc() || end != digits.data() + digits.size())
    return fail(Code::invalid, "this is no number");
  return node;
}

Result<Node> float_node(std::string_view digits) {
  Node node{.kind = NodeKind::number};
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), node.number);
  const bool whole = end == digits.data() + digits.size();
  if (error == std::errc::invalid_argument || !whole)
    return fail(Code::invalid, "this is no number");
  if (error != std::errc::result_out_of_range) return node;
  node.number =
      std::strtod(std::string(digits).c_str(), nullptr);  // tells too large from too small
  if (!std::isfinite(node.number)) return fail(Code::invalid, "this number is too large");
  return node;
}

}  // namespace

Result<Node> number_node(std::string_view token) {
  std::string digits;
  for (const char c : token)
    if (c != '_') digits += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  const auto& base =
      *std::ranges::find_if(bases, [&](const Base& b) { return digits.starts_with(b.prefix); });
  if (base.base != 16 && digits.find_first_of(".e") != std::string::npos) return float_node(digits);
  return integer_node(std::string_view(digits).substr(base.prefix.size()), base.base);
}

std::string number_literal(double number) {
  std::string text = fmt::format("{}", number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace scale::formula
