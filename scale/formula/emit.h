#pragma once

// A checked syntax tree to instructions.

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "scale/formula/ast.h"
#include "scale/formula/program.h"

namespace scale::formula {

// Errors: invalid, with the place, when the formula needs more than the machine has (limits.h).
Result<Program> emit(std::string_view text, const Tree& tree,
                     std::span<const std::string> variables);

}  // namespace scale::formula
