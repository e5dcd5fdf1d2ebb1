#pragma once

// Label selectors as kubectl takes them: "app=web,tier!=db,env in (a, b),team notin (x),gpu,!old".
// Pure. Source: Kubernetes' labels.Parse.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kube/meta.h"

namespace kube {

class LabelSelector {
 public:
  // Empty text selects everything. Errors: invalid, saying where.
  static Result<LabelSelector> parse(std::string_view text);

  bool matches(const TextMap& labels) const;

 private:
  enum class Operator : std::uint8_t { in, not_in, exists, absent };
  struct Requirement {
    std::string key;
    Operator op = Operator::exists;
    std::vector<std::string> values;
  };
  friend class SelectorParser;

  static bool holds(const Requirement& requirement, const TextMap& labels);

  std::vector<Requirement> requirements_;  // all of them must hold
};

}  // namespace kube
