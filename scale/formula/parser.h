#pragma once

// Text to a syntax tree, by the grammar and precedences of expr-lang.

#include <string_view>

#include "base/result.h"
#include "scale/formula/ast.h"

namespace scale::formula {

// Errors: invalid, "formula:LINE:COLUMN: ...".
Result<Tree> parse(std::string_view text);

}  // namespace scale::formula
