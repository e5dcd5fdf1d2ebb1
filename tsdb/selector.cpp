#include "tsdb/selector.h"

#include <re2/re2.h>

namespace tsdb {
namespace {

constexpr std::int64_t pattern_bytes_max = 2 << 20;  // of compiled state, per matcher

std::unique_ptr<re2::RE2> compile(const Matcher& matcher) {
  if (matcher.type == MatchType::equal || matcher.type == MatchType::not_equal) return nullptr;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);  // ".*" holds for every value
  options.set_never_capture(true);
  options.set_max_mem(pattern_bytes_max);
  return std::make_unique<re2::RE2>(matcher.value, options);
}

bool fits(const re2::RE2& pattern, std::string_view value) {
  return re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()), pattern);
}

}  // namespace

std::optional<std::string> pattern_error(const Matcher& matcher) {
  const auto pattern = compile(matcher);
  if (!pattern || pattern->ok()) return std::nullopt;
  return pattern->error();
}

Selector::Selector(const std::vector<Matcher>& matchers) {
  for (const auto& matcher : matchers) terms_.push_back({matcher, compile(matcher)});
}

Selector::~Selector() = default;
Selector::Selector(Selector&&) noexcept = default;

bool Selector::holds(const Term& term, std::string_view value) {
  if (term.pattern && !term.pattern->ok()) return false;
  switch (term.matcher.type) {
    case MatchType::equal:
      return value == term.matcher.value;
    case MatchType::not_equal:
      return value != term.matcher.value;
    case MatchType::regex:
      return fits(*term.pattern, value);
    case MatchType::not_regex:
      return !fits(*term.pattern, value);
  }
  return false;
}

}  // namespace tsdb
