#pragma once

// Functions on numbers. Errors: bad_data and exhausted, without a place.

#include <span>

#include "base/result.h"
#include "scale/formula/context.h"
#include "scale/formula/value.h"

namespace scale::formula {

Result<Value> abs(Context& context, std::span<const Value> arguments);
Result<Value> ceil(Context& context, std::span<const Value> arguments);
Result<Value> floor(Context& context, std::span<const Value> arguments);
// Half away from zero.
Result<Value> round(Context& context, std::span<const Value> arguments);
Result<Value> to_integer(Context& context, std::span<const Value> arguments);
Result<Value> to_number(Context& context, std::span<const Value> arguments);

// Over numbers and arrays of any depth. Of nothing: min and max are nil, mean and median 0.
Result<Value> max(Context& context, std::span<const Value> arguments);
Result<Value> min(Context& context, std::span<const Value> arguments);
Result<Value> mean(Context& context, std::span<const Value> arguments);
Result<Value> median(Context& context, std::span<const Value> arguments);

// Of integers. Shifts by 64 or more shift everything out.
Result<Value> bitand_(Context& context, std::span<const Value> arguments);
Result<Value> bitor_(Context& context, std::span<const Value> arguments);
Result<Value> bitxor(Context& context, std::span<const Value> arguments);
Result<Value> bitnand(Context& context, std::span<const Value> arguments);
Result<Value> bitnot(Context& context, std::span<const Value> arguments);
Result<Value> bitshl(Context& context, std::span<const Value> arguments);
Result<Value> bitshr(Context& context, std::span<const Value> arguments);
Result<Value> bitushr(Context& context, std::span<const Value> arguments);

}  // namespace scale::formula
