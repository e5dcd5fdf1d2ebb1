#pragma once

// The matchers of a query, ready to be asked of many series.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tsdb/metric_query.h"

namespace re2 {
class RE2;
}

namespace tsdb {

// What is wrong with the matcher's regular expression, if it has one.
std::optional<std::string> pattern_error(const Matcher& matcher);

// All matchers must hold. Immutable. A pattern that does not compile (the parser lets none through)
// holds for nothing.
class Selector {
 public:
  explicit Selector(const std::vector<Matcher>& matchers);
  ~Selector();
  Selector(Selector&&) noexcept;

  // `label(name)` answers the label's value, "" when it is missing.
  template <class Label>
  bool matches(Label label) const {
    for (const auto& term : terms_) {
      if (!holds(term, label(std::string_view(term.matcher.label)))) return false;
    }
    return true;
  }

 private:
  struct Term {
    Matcher matcher;
    std::unique_ptr<re2::RE2> pattern;  // of the regular expressions
  };

  static bool holds(const Term& term, std::string_view value);

  std::vector<Term> terms_;
};

}  // namespace tsdb
