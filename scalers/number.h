#pragma once

// Numbers in trigger metadata. Pure.

#include <string_view>

#include "base/result.h"

namespace scalers {

// Reads a number the way Go's strconv.ParseFloat does: "5", "+5", ".5", "12.", "1e3", "0x1p-2",
// "Inf", "-infinity", "NaN" in any case. Too small is 0. No blanks, no units, no digit separators.
// Errors: invalid, also for what is beyond a double.
Result<double> parse_number(std::string_view text);

// The same, and neither infinite nor NaN. Errors: invalid.
Result<double> parse_finite_number(std::string_view text);

}  // namespace scalers
