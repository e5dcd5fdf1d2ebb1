#include "scale/hpa/selector.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace scale::hpa {
namespace {

constexpr std::size_t name_length_max = 63;
constexpr std::size_t prefix_length_max = 253;

enum class Form : std::uint8_t { in_brackets, alone };

struct Operator {
  std::string_view name;
  Form form;
  std::string_view word;  // between key and brackets, or before the key
};

constexpr std::array<Operator, 4> operators = {{
    {"In", Form::in_brackets, "in"},
    {"NotIn", Form::in_brackets, "notin"},
    {"Exists", Form::alone, ""},
    {"DoesNotExist", Form::alone, "!"},
}};

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The part of a key after its prefix; values too, which may be empty.
bool is_label_name(std::string_view text) {
  return !text.empty() && text.size() <= name_length_max && is_alphanumeric(text.front()) &&
         is_alphanumeric(text.back()) && std::ranges::all_of(text, [](char c) {
           return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
         });
}

bool is_dns_label(std::string_view text) {
  return !text.empty() && text.front() != '-' && text.back() != '-' &&
         std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-';
         });
}

bool is_dns_subdomain(std::string_view text) {
  if (text.size() > prefix_length_max) return false;
  for (std::size_t dot = text.find('.'); dot != text.npos; dot = text.find('.')) {
    if (!is_dns_label(text.substr(0, dot))) return false;
    text.remove_prefix(dot + 1);
  }
  return is_dns_label(text);
}

bool is_label_key(std::string_view key) {
  const std::size_t slash = key.find('/');
  if (slash == key.npos) return is_label_name(key);
  return is_dns_subdomain(key.substr(0, slash)) && is_label_name(key.substr(slash + 1));
}

Result<void> check_names(std::string_view key, std::span<const std::string> values) {
  if (!is_label_key(key)) return fail(Code::invalid, fmt::format("\"{}\" is no label key", key));
  for (const std::string& value : values) {
    if (value.empty() || is_label_name(value)) continue;
    return fail(Code::invalid, fmt::format("\"{}\" is no label value", value));
  }
  return {};
}

// The operator's row, once the requirement is known to mean something.
Result<const Operator*> checked(const Requirement& requirement) {
  const auto row = std::ranges::find(operators, requirement.op, &Operator::name);
  if (row == operators.end()) {
    return fail(Code::invalid, fmt::format("\"{}\" is no selector operator", requirement.op));
  }
  TRY_VOID(check_names(requirement.key, requirement.values));
  const bool brackets = row->form == Form::in_brackets;
  if (brackets == requirement.values.empty()) {
    return fail(Code::invalid,
                fmt::format("{} wants {}", requirement.op, brackets ? "values" : "no values"));
  }
  return &*row;
}

std::string requirement_text(const Requirement& requirement, const Operator& row) {
  if (row.form == Form::alone) return fmt::format("{}{}", row.word, requirement.key);
  std::vector<std::string> values = requirement.values;
  std::ranges::sort(values);
  return fmt::format("{} {} ({})", requirement.key, row.word, fmt::join(values, ","));
}

}  // namespace

Result<void> check(const Selector& selector) {
  for (const auto& [key, value] : selector.labels) TRY_VOID(check_names(key, {&value, 1}));
  for (const Requirement& requirement : selector.expressions) TRY_VOID(checked(requirement));
  return {};
}

Result<std::string> selector_text(const Selector& selector) {
  std::multimap<std::string, std::string> terms;  // by key; equal keys stay in their order
  for (const auto& [key, value] : selector.labels) {
    TRY_VOID(check_names(key, {&value, 1}));
    terms.emplace(key, fmt::format("{}={}", key, value));
  }
  for (const Requirement& requirement : selector.expressions) {
    TRY(const Operator* row, checked(requirement));
    terms.emplace(requirement.key, requirement_text(requirement, *row));
  }
  std::string text;
  for (const auto& [key, term] : terms) text += (text.empty() ? "" : ",") + term;
  return text;
}

std::string debug_text(const std::optional<Selector>& selector) {
  if (!selector) return "nil";
  std::string labels, expressions;
  for (const auto& [key, value] : selector->labels) labels += fmt::format("{}: {},", key, value);
  for (const Requirement& r : selector->expressions) {
    expressions += fmt::format("LabelSelectorRequirement{{Key:{},Operator:{},Values:[{}],}},",
                               r.key, r.op, fmt::join(r.values, " "));
  }
  return fmt::format(
      "&LabelSelector{{MatchLabels:map[string]string{{{}}},"
      "MatchExpressions:[]LabelSelectorRequirement{{{}}},}}",
      labels, expressions);
}

}  // namespace scale::hpa
