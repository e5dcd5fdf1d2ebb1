#pragma once

// A compiled formula: instructions for a machine with one stack.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "scale/formula/functions.h"
#include "scale/formula/value.h"

namespace scale::formula {

// a: `argument` of the instruction. Pops and pushes are written "before -> after".
enum class Op : std::uint8_t {
  constant,        //          -> constants[a]
  variable,        //          -> the value of variables[a]
  variable_named,  // name     -> the value of the variable of that name, nil when there is none
  load,            //          -> locals[a]
  store,           // value    ->             into locals[a]
  pop,             // value    ->
  add,             // x y      -> x + y, and so on
  subtract,
  multiply,
  divide,
  modulo,
  power,
  less,
  greater,
  less_equal,
  greater_equal,
  equal,
  unequal,
  in,
  range,
  negate,           // x     -> -x
  plus,             // x     -> x, a number
  logical_not,      // b     -> not b
  want_boolean,     // b     -> b, a boolean
  jump,             //                      to a
  jump_if_false,    // b     -> b           to a if it is false
  jump_if_true,     // b     -> b           to a if it is true
  jump_unless,      // b     ->             to a if it is false
  jump_if_nil,      // v     -> v           to a if it is nil
  jump_if_not_nil,  // v     -> v           to a if it is not
  array_begin,      //       -> array of a elements, unfilled
  array_set,        // array v -> array     element a is v
  map_begin,        //       -> map without entries, with room for a
  map_set,          // map key v -> map
  close,            // array or map -> the same, filled
  index,            // base key -> element
  slice,            // base from to -> part; to may be nil
  call,             // `count` arguments -> result of functions[a]
  loop_begin,       // array    ->          the loop of functions[a] begins; with `count` 1:
                    // array v  ->          and v is its accumulator
  loop_first,       //          ->          its initial value is the first element
  loop_next,        //          ->          to a when there is no element left
  loop_step,        // v        ->          takes the predicate's value, back to a
  loop_end,         //          -> result   of the loop
  element,          //          -> #
  element_index,    //          -> #index
  accumulator,      //          -> #acc
  done,             // result   ->
};

struct Instruction {
  Op op = Op::done;
  std::uint16_t count = 0;
  std::uint32_t argument = 0;
  std::uint32_t at = 0;  // byte offset in the formula, for errors
};

struct Program {
  std::string text;
  std::vector<std::string> variables;
  std::vector<bool> reads;  // of each variable
  std::vector<Instruction> code;
  std::vector<Value> constants;
  std::vector<std::unique_ptr<const std::string>> strings;  // of the constants
  std::vector<const Function*> functions;
  bool may_be_nil = false;  // `??` is used
};

}  // namespace scale::formula
