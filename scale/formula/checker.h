#pragma once

// Types and names of a syntax tree.

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "scale/formula/ast.h"
#include "scale/formula/type.h"

namespace scale::formula {

// The type of the whole formula `tree` of `text`, whose variables are numbers or nil.
// Errors: invalid, with the place: a name that does not exist, an operation on the wrong types.
Result<Type> check(std::string_view text, const Tree& tree, std::span<const std::string> variables);

}  // namespace scale::formula
