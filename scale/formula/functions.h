#pragma once

// The functions of the language, one table: how they are called, what they give, what runs them,
// and which of expr-lang's are refused.

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "scale/formula/context.h"
#include "scale/formula/type.h"
#include "scale/formula/value.h"

namespace scale::formula {

// One run of a function over an array with a predicate. Trivial, so that a stack of them costs
// nothing to make.
struct LoopState {
  Value array;
  Value kept;  // an array with a place for each element, for those that keep something
  Value accumulator;
  std::uint32_t index;
  std::uint32_t count;
  bool done;
};

enum class PredicateIs : std::uint8_t { boolean, number, anything };

// A function that takes an array and a predicate.
struct Loop {
  PredicateIs predicate = PredicateIs::anything;
  bool optional = false;           // without a predicate the element itself is used
  bool backwards = false;          // from the last element
  bool keeps = false;              // uses LoopState::kept
  bool knows_index = false;        // #index
  bool knows_accumulator = false;  // #acc, and an initial value as third argument
  Type (*type)(Type collection, Type predicate) = nullptr;
  // Takes the predicate's value for one element. Errors: without a place.
  Result<void> (*step)(LoopState& loop, const Value& value) = nullptr;
  Result<Value> (*finish)(Context& context, LoopState& loop) = nullptr;
};

struct Function {
  std::string_view name;
  std::uint16_t arguments_min = 1;
  std::uint16_t arguments_max = 1;
  // The type of the result. Errors: invalid, without a place.
  Result<Type> (*type)(std::span<const Type> arguments) = nullptr;
  // Errors: bad_data or exhausted, without a place.
  Result<Value> (*run)(Context& context, std::span<const Value> arguments) = nullptr;
  const Loop* loop = nullptr;
  std::string_view refused = {};  // why formulas do not have it; then the rest is empty
};

// The row of a function of expr-lang, or nullptr.
const Function* find_function(std::string_view name);
std::span<const Function> all_functions();

}  // namespace scale::formula
