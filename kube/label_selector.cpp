#include "kube/label_selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace kube {

// Reads one selector from left to right.
class SelectorParser {
 public:
  explicit SelectorParser(std::string_view text) : text_(text) {}

  Result<LabelSelector> parse() {
    LabelSelector selector;
    skip_space();
    if (text_.size() == at_) return selector;
    do {
      TRY(auto requirement, read_requirement());
      selector.requirements_.push_back(std::move(requirement));
    } while (take(","));
    if (at_ < text_.size()) return wrong("want ',' or the end");
    return selector;
  }

 private:
  using Requirement = LabelSelector::Requirement;
  using Operator = LabelSelector::Operator;

  Result<Requirement> read_requirement() {
    const bool absent = take("!");
    Requirement read{.key = word(), .op = absent ? Operator::absent : Operator::exists};
    if (read.key.empty()) return wrong("want a label's name");
    if (absent) return read;
    const bool differs = take("!=");
    if (differs || take("==") || take("=")) {
      read.op = differs ? Operator::not_in : Operator::in;
      read.values.push_back(word());
      return read;
    }
    const std::string named = word();
    if (named.empty()) return read;
    if (named != "in" && named != "notin") return wrong("want =, !=, in or notin");
    read.op = named == "in" ? Operator::in : Operator::not_in;
    TRY(read.values, read_values());
    return read;
  }

  Result<std::vector<std::string>> read_values() {
    std::vector<std::string> values;
    if (!take("(")) return wrong("want '('");
    do {
      values.push_back(word());
    } while (take(","));
    if (!take(")")) return wrong("want ')'");
    return values;
  }

  std::string word() {
    skip_space();
    const std::size_t start = at_;
    const auto belongs = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' ||
             c == '/';
    };
    while (at_ < text_.size() && belongs(text_[at_])) ++at_;
    return std::string(text_.substr(start, at_ - start));
  }

  bool take(std::string_view sign) {
    skip_space();
    if (!text_.substr(at_).starts_with(sign)) return false;
    at_ += sign.size();
    return true;
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  std::unexpected<Error> wrong(std::string_view want) const {
    return fail(Code::invalid, fmt::format("label selector, at byte {}: {}", at_, want));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Result<LabelSelector> LabelSelector::parse(std::string_view text) {
  return SelectorParser(text).parse();
}

bool LabelSelector::matches(const TextMap& labels) const {
  return std::ranges::all_of(requirements_,
                             [&](const Requirement& one) { return holds(one, labels); });
}

bool LabelSelector::holds(const Requirement& requirement, const TextMap& labels) {
  const auto found = labels.find(requirement.key);
  const bool there = found != labels.end();
  const bool listed =
      there && std::ranges::find(requirement.values, found->second) != requirement.values.end();
  switch (requirement.op) {
    case Operator::in:
      return listed;
    case Operator::not_in:
      return !listed;  // a label that is missing is none of them
    case Operator::exists:
      return there;
    case Operator::absent:
      return !there;
  }
  return false;
}

}  // namespace kube
