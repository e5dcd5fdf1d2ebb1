#pragma once

// Label selectors of metrics: as text on the wire, and as the controller prints them in messages.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace scale::hpa {

struct Requirement {
  std::string key;
  std::string op;  // as written: In, NotIn, Exists, DoesNotExist; anything else is an error later
  std::vector<std::string> values;
  bool operator==(const Requirement&) const = default;
};

struct Selector {
  std::map<std::string, std::string> labels;
  std::vector<Requirement> expressions;
  bool operator==(const Selector&) const = default;
};

// Whether selector_text() would succeed; allocates only for the error.
Result<void> check(const Selector& selector);

// "key=value", "key in (a,b)", "key notin (a,b)", "key", "!key": sorted by key, values in brackets
// sorted, joined with commas; empty for an empty selector. Errors: invalid for In or NotIn without
// values, Exists or DoesNotExist with values, another operator, and keys or values that no label
// can have.
Result<std::string> selector_text(const Selector& selector);

// "nil", or "&LabelSelector{MatchLabels:map[string]string{a: 1,},MatchExpressions:[]...{},}" with
// sorted labels; expressions and their values as they are.
std::string debug_text(const std::optional<Selector>& selector);

}  // namespace scale::hpa
