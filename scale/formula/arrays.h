#pragma once

// Functions on arrays and maps. Errors: bad_data and exhausted, without a place.

#include <span>

#include "base/result.h"
#include "scale/formula/context.h"
#include "scale/formula/value.h"

namespace scale::formula {

// min..max, both included; empty when max < min.
Result<Value> range(Context& context, const Value& min, const Value& max);
// base[key]: an element (from the end when negative), an entry (nil when missing).
Result<Value> element_at(const Value& base, const Value& key);
// base[from:to]; negative counts from the end, what lies outside is cut off.
Result<Value> slice(const Value& base, const Value& from, const Value& to);
// Whether an array has the element or a map the key; nil has none.
Result<bool> contains(Context& context, const Value& needle, const Value& in);
// A map from each key to the array of its elements, in the order they come.
Result<Value> group(Context& context, const Value& array, const Value& keys);
// The elements by ascending key, equal ones in their order. order: nil, "asc" or "desc".
Result<Value> sort_by_keys(Context& context, const Value& array, const Value& keys,
                           const Value& order);

// Functions of the table.
Result<Value> len(Context& context, std::span<const Value> arguments);
Result<Value> first(Context& context, std::span<const Value> arguments);
Result<Value> last(Context& context, std::span<const Value> arguments);
Result<Value> take(Context& context, std::span<const Value> arguments);
Result<Value> get(Context& context, std::span<const Value> arguments);
Result<Value> keys(Context& context, std::span<const Value> arguments);
Result<Value> values(Context& context, std::span<const Value> arguments);
Result<Value> reverse(Context& context, std::span<const Value> arguments);
Result<Value> uniq(Context& context, std::span<const Value> arguments);
Result<Value> concat(Context& context, std::span<const Value> arguments);
Result<Value> flatten(Context& context, std::span<const Value> arguments);
Result<Value> sort(Context& context, std::span<const Value> arguments);

}  // namespace scale::formula
