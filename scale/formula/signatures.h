#pragma once

// Types of the functions of the table: what they accept and what they give.
// Errors: invalid, without a place: "argument 2 of max() is boolean instead of a number".

#include <span>
#include <string_view>

#include "base/result.h"
#include "scale/formula/type.h"

namespace scale::formula::signatures {

using Arguments = std::span<const Type>;

Result<Type> abs(Arguments arguments);
Result<Type> to_integer(Arguments arguments);
// ceil, floor, round, float.
Result<Type> to_number(Arguments arguments);
// min, max: the type of all, or unknown.
Result<Type> extreme(Arguments arguments);
// mean, median.
Result<Type> average(Arguments arguments);
// bitand and its like.
Result<Type> bits(Arguments arguments);

Result<Type> len(Arguments arguments);
// first, last.
Result<Type> element(Arguments arguments);
Result<Type> take(Arguments arguments);
Result<Type> get(Arguments arguments);
// keys, values.
Result<Type> parts(Arguments arguments);
// reverse, uniq.
Result<Type> same(Arguments arguments);
Result<Type> concat(Arguments arguments);
Result<Type> flatten(Arguments arguments);
Result<Type> sort(Arguments arguments);

}  // namespace scale::formula::signatures
