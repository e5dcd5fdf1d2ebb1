#pragma once

// Number literals: 5, 0x1F, 0o17, 0b101, 1_000, 2.5, .5, 1e-3.

#include <string>
#include <string_view>

#include "base/result.h"
#include "scale/formula/ast.h"

namespace scale::formula {

// The integer or number node of a number token. Errors: invalid, for malformed ones and those that
// fit neither 64 bits nor a double.
Result<Node> number_node(std::string_view token);

// The shortest literal that reads as `number` and not as an integer; number is finite, not
// negative.
std::string number_literal(double number);

}  // namespace scale::formula
