#pragma once

// Runs a program once. Confined to one thread; lives on its stack.

#include <array>
#include <optional>
#include <span>

#include "base/result.h"
#include "scale/formula/context.h"
#include "scale/formula/program.h"

namespace scale::formula {

class Machine {
 public:
  // values: one per variable of the program.
  Machine(const Program& program, std::span<const std::optional<double>> values)
      : program_(program), values_(values) {}

  // What the formula gives. Errors: bad_data and exhausted, with the place.
  Result<Value> run();

 private:
  struct Running {
    LoopState state;
    const Loop* loop;
    bool begun;  // one element was visited
  };

  // Does an instruction that cannot fail, the way most evaluations take; false leaves it undone.
  bool simple(const Instruction& instruction);
  bool doubles(Op op);
  // Does any other.
  Result<void> execute(const Instruction& instruction);
  Result<void> compute(const Instruction& instruction);
  Result<void> with_numbers(Op op, Value a, Value b);
  Result<void> unary(Op op);
  Result<void> jump(const Instruction& instruction);

  Result<void> set_item(const Instruction& instruction);
  Result<void> set_entry();
  Result<void> slice_top();
  Result<void> call(const Instruction& instruction);

  Result<void> begin_loop(const Instruction& instruction);
  Result<void> take_first();
  Result<void> next_element(const Instruction& instruction);
  Result<void> step(const Instruction& instruction);
  Result<void> end_loop();

  Result<void> push(Result<Value> value);
  void push(Value value) { stack_[top_++] = value; }
  Value pop() { return stack_[--top_]; }
  Value& top() { return stack_[top_ - 1]; }
  Value value_of(std::size_t variable) const;
  Value value_named(const std::string& name) const;
  Running& running() { return loops_[loops_top_ - 1]; }

  const Program& program_;
  std::span<const std::optional<double>> values_;
  std::size_t next_ = 0;  // instruction
  std::size_t top_ = 0;   // of the stack
  std::size_t loops_top_ = 0;
  Context context_;
  std::array<Value, stack_max> stack_;
  std::array<Value, variables_max> locals_;
  std::array<Running, loops_max> loops_;
};

}  // namespace scale::formula
