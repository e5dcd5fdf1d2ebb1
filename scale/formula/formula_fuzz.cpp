// Any bytes are a formula or an error with a place; what parses prints and parses to the same tree,
// which compiles and evaluates to the same, and a value is finite.

#include "scale/formula/formula.h"

#include <cmath>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "scale/formula/parser.h"

namespace scale::formula {
namespace {

const std::vector<std::string> names = {"a", "b", "c-d"};

bool agree(const Result<std::optional<double>>& x, const Result<std::optional<double>>& y) {
  return x ? y && *x == *y : !y && x.error().code == y.error().code;
}

bool is_limit(const Error& error) {
  return error.what.contains("nested deeper than") || error.what.contains("longer than");
}

void check_values(const Formula& one, const Formula& two) {
  const std::optional<double> bindings[][3] = {{1.0, 2.0, 3.0}, {-1.0, 0.5, std::nullopt}, {}};
  for (const auto& values : bindings) {
    const auto result = one.evaluate(values);
    if (result && *result) CHECK(std::isfinite(**result));
    if (!result) CHECK(result.error().what.starts_with("formula:"));
    CHECK(agree(result, two.evaluate(values)));
  }
}

}  // namespace
}  // namespace scale::formula

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace scale::formula;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto tree = parse(text);
  const auto compiled = compile(text, names);
  if (!compiled) CHECK(compiled.error().what.starts_with("formula:"));
  if (!tree) return CHECK(!compiled), 0;
  const std::string printed = print(*tree);
  const auto again = parse(printed);
  if (!again) return CHECK(is_limit(again.error())), 0;  // parentheses cost nesting and length
  CHECK(same(*tree, *again));
  const auto recompiled = compile(printed, names);
  CHECK(compiled.has_value() == recompiled.has_value());
  if (compiled) check_values(*compiled, *recompiled);
  return 0;
}
