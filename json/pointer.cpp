#include "json/pointer.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace json {
namespace {

std::unexpected<Error> wrong(std::string_view why) {
  return fail(Code::invalid, std::string(why));
}

// "~1" is '/', "~0" is '~'.
Result<std::string> unescaped(std::string_view step) {
  std::string out;
  for (std::size_t i = 0; i < step.size(); ++i) {
    if (step[i] != '~') {
      out += step[i];
      continue;
    }
    const char next = i + 1 < step.size() ? step[++i] : '\0';
    if (next != '0' && next != '1') return wrong("a '~' is followed by 0 or 1");
    out += next == '0' ? '~' : '/';
  }
  return out;
}

// What `step` of `value` leads to, or nullptr.
Value* step_into(Value& value, const std::string& step) {
  if (value.is_object()) return value.get_object().if_contains(step);
  if (!value.is_array() || value.get_array().empty()) return nullptr;
  const auto index = parse_index(step, value.get_array().size() - 1);
  return index ? &value.get_array()[*index] : nullptr;
}

}  // namespace

Result<Pointer> parse_pointer(std::string_view text) {
  Pointer steps;
  while (!text.empty()) {
    if (text.front() != '/') return wrong("a path is empty or begins with '/'");
    const std::size_t end = std::min(text.find('/', 1), text.size());
    TRY(std::string step, unescaped(text.substr(1, end - 1)));
    steps.push_back(std::move(step));
    text.remove_prefix(end);
  }
  return steps;
}

std::optional<std::size_t> parse_index(std::string_view step, std::size_t last) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  const bool whole = error == std::errc{} && end == step.data() + step.size() && !step.empty();
  const bool padded = step.size() > 1 && step.front() == '0';
  if (!whole || padded || index > last) return std::nullopt;
  return index;
}

Value* walk(Value& document, std::span<const std::string> steps) {
  Value* at = &document;
  for (const std::string& step : steps) {
    at = step_into(*at, step);
    if (at == nullptr) return nullptr;
  }
  return at;
}

}  // namespace json
