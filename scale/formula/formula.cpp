#include "scale/formula/formula.h"

#include <fmt/format.h>

#include <cmath>

#include "base/check.h"
#include "scale/formula/checker.h"
#include "scale/formula/emit.h"
#include "scale/formula/lexer.h"
#include "scale/formula/machine.h"
#include "scale/formula/parser.h"

namespace scale::formula {
namespace {

Result<std::optional<double>> number_of(const Program& program, const Value& value) {
  const auto wrong = [&](std::string_view what) {
    return fail_at(program.text, program.code.back().at, what, Code::bad_data);
  };
  if (value.nil() && program.may_be_nil) return std::nullopt;
  if (!value.numeric())
    return wrong(fmt::format("the result is {} instead of a number", name_of(value.kind)));
  if (!std::isfinite(value.as_number())) return wrong("the result is not finite");
  return value.as_number();
}

}  // namespace

Result<std::optional<double>> Formula::evaluate(
    std::span<const std::optional<double>> values) const {
  CHECK(values.size() == program_->variables.size());
  TRY(const Value value, Machine(*program_, values).run());
  return number_of(*program_, value);
}

bool Formula::reads(std::size_t variable) const {
  return program_->reads.at(variable);
}

Result<Formula> compile(std::string_view text, std::span<const std::string> variables) {
  TRY(const Tree tree, parse(text));
  TRY_VOID(check(text, tree, variables));
  TRY(auto program, emit(text, tree, variables));
  return Formula(std::make_shared<const Program>(std::move(program)));
}

}  // namespace scale::formula
