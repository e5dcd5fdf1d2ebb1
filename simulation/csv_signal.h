#pragma once

// Signals as CSV: a time and a value in each line. Pure.

#include <string_view>

#include "base/result.h"
#include "simulation/signal.h"

namespace simulation {

// Two columns, separated by a comma, each plain or in double quotes. A first line whose time begins
// with a letter is a header. Empty lines are skipped; a line with an empty value says that there
// was no sample. Times are, all of one file in the same form: RFC 3339; Unix seconds, with at most
// nine decimals (never milliseconds: the unit is not guessed); or an offset with a unit, such as
// "15s" or "1h30m". Values are decimal numbers, NaN or Inf. Times ascend.
// Errors: invalid, with "line N" in front.
Result<Signal> read_csv(std::string_view text, const SignalLimits& limits = {});

}  // namespace simulation
