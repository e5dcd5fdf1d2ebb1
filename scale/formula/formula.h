#pragma once

// The formula of scalingModifiers: compiled once, typed, evaluated many times. README.md has the
// language, its limits and where it differs from KEDA.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace scale::formula {

struct Program;

// A compiled formula. Immutable, cheap to copy, may be evaluated by several threads at once.
class Formula {
 public:
  explicit Formula(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

  // The formula's value. values[i] belongs to variables[i] of compile() and there are as many;
  // nullopt is nil. Returns: a finite number; nullopt is nil, which only a formula that uses `??`
  // may give.
  // Errors: bad_data with the place ("formula:1:5: nil + number"), also for a result that is not
  // finite or not a number; exhausted when a limit of limits.h is reached.
  // Allocates only for errors, for more than 64 array elements, and to sort.
  Result<std::optional<double>> evaluate(std::span<const std::optional<double>> values) const;

  // Whether the value can depend on variables[variable].
  bool reads(std::size_t variable) const;

 private:
  std::shared_ptr<const Program> program_;
};

// Compiles `text`, whose names are `variables`, each a number or nil. A name that is no identifier
// (a dash, a dot) is read as $env["the-name"].
// Errors: invalid, "formula:LINE:COLUMN: what is wrong", both from 1, columns in characters.
Result<Formula> compile(std::string_view text, std::span<const std::string> variables);

}  // namespace scale::formula
