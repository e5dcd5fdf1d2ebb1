#include "scale/formula/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scale/formula/arithmetic.h"
#include "scale/formula/arrays.h"
#include "scale/formula/lexer.h"

namespace scale::formula {
namespace {

std::string_view symbol_of(Op op) {
  constexpr std::array<std::string_view, 14> symbols = {"+", "-",  "*",  "/",  "%",  "^",  "<",
                                                        ">", "<=", ">=", "==", "!=", "in", ".."};
  return symbols[static_cast<std::size_t>(op) - static_cast<std::size_t>(Op::add)];
}

std::unexpected<Error> mismatch(Op op, const Value& a, const Value& b) {
  return fail(Code::bad_data,
              fmt::format("{} {} {}", name_of(a.kind), symbol_of(op), name_of(b.kind)));
}

Result<bool> truth(const Value& value) {
  if (value.is(Kind::boolean)) return value.boolean;
  return fail(Code::bad_data, fmt::format("{} instead of boolean", name_of(value.kind)));
}

Result<Value> remainder(const Value& a, const Value& b) {
  if (!a.is(Kind::integer) || !b.is(Kind::integer)) return mismatch(Op::modulo, a, b);
  if (b.integer == 0) return fail(Code::bad_data, "integer % 0");
  return Value::of(modulo(a.integer, b.integer));
}

}  // namespace

Result<Value> Machine::run() {
  for (;;) {
    const Instruction& instruction = program_.code[next_++];
    if (instruction.op == Op::done) return pop();
    if (simple(instruction)) continue;
    if (auto done = execute(instruction); !done)
      return fail_at(program_.text, instruction.at, done.error().what, done.error().code);
  }
}

bool Machine::simple(const Instruction& instruction) {
  switch (instruction.op) {
    case Op::constant:
      push(program_.constants[instruction.argument]);
      return true;
    case Op::variable:
      push(value_of(instruction.argument));
      return true;
    case Op::load:
      push(locals_[instruction.argument]);
      return true;
    case Op::store:
      locals_[instruction.argument] = pop();
      return true;
    case Op::pop:
      pop();
      return true;
    case Op::jump:
      next_ = instruction.argument;
      return true;
    case Op::element:
      push(running().state.array.items[running().state.index]);
      return true;
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::divide:
    case Op::less:
    case Op::greater:
      return doubles(instruction.op);
    default:
      return false;
  }
}

// Two numbers that are no integers, as triggers are.
bool Machine::doubles(Op op) {
  Value& a = stack_[top_ - 2];
  const Value& b = stack_[top_ - 1];
  if (!a.is(Kind::number) || !b.is(Kind::number)) return false;
  --top_;
  if (op == Op::add) a.number += b.number;
  if (op == Op::subtract) a.number -= b.number;
  if (op == Op::multiply) a.number *= b.number;
  if (op == Op::divide) a.number /= b.number;
  if (op == Op::less) a = Value::of(a.number < b.number);
  if (op == Op::greater) a = Value::of(a.number > b.number);
  return true;
}

Value Machine::value_of(std::size_t variable) const {
  const auto& value = values_[variable];
  return value ? Value::of(*value) : Value::of_nil();
}

Value Machine::value_named(const std::string& name) const {
  const auto found = std::ranges::find(program_.variables, name);
  if (found == program_.variables.end()) return Value::of_nil();
  return value_of(static_cast<std::size_t>(found - program_.variables.begin()));
}

Result<void> Machine::push(Result<Value> value) {
  if (!value) return std::unexpected(std::move(value).error());
  push(*value);
  return {};
}

Result<void> Machine::execute(const Instruction& instruction) {
  switch (instruction.op) {
    case Op::variable_named:
      if (!top().is(Kind::string))
        return fail(Code::bad_data, fmt::format("$env[{}]", name_of(top().kind)));
      top() = value_named(*top().text);
      return {};
    case Op::jump_if_false:
    case Op::jump_if_true:
    case Op::jump_unless:
    case Op::jump_if_nil:
    case Op::jump_if_not_nil:
      return jump(instruction);
    case Op::negate:
    case Op::plus:
    case Op::logical_not:
    case Op::want_boolean:
      return unary(instruction.op);
    default:
      return compute(instruction);
  }
}

Result<void> Machine::jump(const Instruction& instruction) {
  bool taken = true;
  switch (instruction.op) {
    case Op::jump_if_nil:
    case Op::jump_if_not_nil:
      taken = top().nil() == (instruction.op == Op::jump_if_nil);
      break;
    case Op::jump_if_false:
    case Op::jump_if_true: {
      TRY(const bool holds, truth(top()));
      taken = holds == (instruction.op == Op::jump_if_true);
      break;
    }
    case Op::jump_unless: {
      TRY(const bool holds, truth(pop()));
      taken = !holds;
      break;
    }
    default:
      break;
  }
  if (taken) next_ = instruction.argument;
  return {};
}

Result<void> Machine::unary(Op op) {
  if (op == Op::logical_not || op == Op::want_boolean) {
    TRY(const bool holds, truth(top()));
    top().boolean = holds == (op == Op::want_boolean);
    return {};
  }
  if (!top().numeric())
    return fail(Code::bad_data,
                fmt::format("{} {}", op == Op::negate ? "-" : "+", name_of(top().kind)));
  if (op == Op::negate) top() = negate(top());
  return {};
}

Result<void> Machine::compute(const Instruction& instruction) {
  const Op op = instruction.op;
  if (op >= Op::add && op <= Op::range) {
    const Value b = pop(), a = pop();
    if (a.numeric() && b.numeric()) return with_numbers(op, a, b);
    switch (op) {
      case Op::equal:
      case Op::unequal:
        TRY_VOID(context_.visit(a));
        return push(Value::of(equal(a, b) == (op == Op::equal))), Result<void>();
      case Op::in: {
        TRY(const bool found, contains(context_, a, b));
        return push(Value::of(found)), Result<void>();
      }
      default:
        return mismatch(op, a, b);
    }
  }
  switch (op) {
    case Op::array_begin:
      return push(context_.new_array(instruction.argument));
    case Op::array_set:
      return set_item(instruction);
    case Op::map_begin: {
      TRY_VOID(push(context_.new_map(instruction.argument)));
      top().size = 0;
      return {};
    }
    case Op::map_set:
      return set_entry();
    case Op::close:
      return push(context_.closed(pop()));
    case Op::index: {
      const Value key = pop(), base = pop();
      TRY_VOID(context_.charge(base.size));
      return push(element_at(base, key));
    }
    case Op::slice:
      return slice_top();
    case Op::call:
      return call(instruction);
    case Op::loop_begin:
      return begin_loop(instruction);
    case Op::loop_first:
      return take_first();
    case Op::loop_next:
      return next_element(instruction);
    case Op::loop_step:
      return step(instruction);
    case Op::loop_end:
      return end_loop();
    case Op::element_index:
      return push(Value::of(std::int64_t{running().state.index})), Result<void>();
    default:  // accumulator
      return push(running().state.accumulator), Result<void>();
  }
}

Result<void> Machine::with_numbers(Op op, Value a, Value b) {
  switch (op) {
    case Op::add:
      return push(add(a, b)), Result<void>();
    case Op::subtract:
      return push(subtract(a, b)), Result<void>();
    case Op::multiply:
      return push(multiply(a, b)), Result<void>();
    case Op::divide:
      return push(Value::of(a.as_number() / b.as_number())), Result<void>();
    case Op::modulo:
      return push(remainder(a, b));
    case Op::power:
      return push(Value::of(std::pow(a.as_number(), b.as_number()))), Result<void>();
    case Op::less:
      return push(Value::of(less(a, b))), Result<void>();
    case Op::greater:
      return push(Value::of(less(b, a))), Result<void>();
    case Op::less_equal:
      return push(Value::of(less(a, b) || equal(a, b))), Result<void>();
    case Op::greater_equal:
      return push(Value::of(less(b, a) || equal(a, b))), Result<void>();
    case Op::equal:
      return push(Value::of(equal(a, b))), Result<void>();
    case Op::unequal:
      return push(Value::of(!equal(a, b))), Result<void>();
    case Op::range:
      return push(range(context_, a, b));
    default:
      return mismatch(op, a, b);
  }
}

Result<void> Machine::set_item(const Instruction& instruction) {
  const Value item = pop();
  top().items[instruction.argument] = item;
  return {};
}

// A key given twice has the first value, as in expr-lang.
Result<void> Machine::set_entry() {
  const Value value = pop(), key = pop();
  if (!key.is(Kind::string))
    return fail(Code::bad_data, fmt::format("{} is no key", name_of(key.kind)));
  Value& map = top();
  TRY_VOID(context_.charge(map.size));
  for (std::uint32_t i = 0; i < map.size; ++i)
    if (same_key(map.items[2 * i], key)) return {};
  map.items[2 * map.size] = key;
  map.items[2 * map.size + 1] = value;
  ++map.size;
  return {};
}

Result<void> Machine::slice_top() {
  const Value to = pop(), from = pop(), base = pop();
  return push(slice(base, from, to));
}

Result<void> Machine::call(const Instruction& instruction) {
  top_ -= instruction.count;
  const std::span<const Value> arguments(stack_.data() + top_, instruction.count);
  return push(program_.functions[instruction.argument]->run(context_, arguments));
}

Result<void> Machine::begin_loop(const Instruction& instruction) {
  Running& run = loops_[loops_top_];
  const Function& function = *program_.functions[instruction.argument];
  run.loop = function.loop;
  run.begun = false;
  run.state.accumulator = instruction.count == 1 ? pop() : Value::of_nil();
  run.state.array = pop();
  const Value& array = run.state.array;
  if (!array.is(Kind::array))
    return fail(Code::bad_data, fmt::format("{}() of {}", function.name, name_of(array.kind)));
  run.state.index = run.loop->backwards ? array.size - 1 : 0;
  run.state.count = 0;
  run.state.done = array.size == 0;
  if (run.loop->keeps) {
    TRY(run.state.kept, context_.new_array(array.size));
  }
  ++loops_top_;
  return {};
}

// The first element is where a reduction without an initial value begins.
Result<void> Machine::take_first() {
  LoopState& state = running().state;
  if (state.array.size == 0)
    return fail(Code::bad_data, "reduce() of an empty array without an initial value");
  state.accumulator = state.array.items[0];
  running().begun = true;
  return {};
}

Result<void> Machine::next_element(const Instruction& instruction) {
  Running& run = running();
  LoopState& state = run.state;
  TRY_VOID(context_.charge(instruction.argument - next_ + 1));
  if (run.begun && !state.done) {
    const bool last = run.loop->backwards ? state.index == 0 : state.index + 1 == state.array.size;
    state.done = last;
    state.index += run.loop->backwards ? -1U : 1U;
  }
  run.begun = true;
  if (state.done) next_ = instruction.argument;
  return {};
}

Result<void> Machine::step(const Instruction& instruction) {
  TRY_VOID(running().loop->step(running().state, pop()));
  next_ = instruction.argument;
  return {};
}

Result<void> Machine::end_loop() {
  Running& run = loops_[--loops_top_];
  return push(run.loop->finish(context_, run.state));
}

}  // namespace scale::formula
