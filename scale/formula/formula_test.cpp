#include "scale/formula/formula.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "scale/formula/functions.h"
#include "scale/formula/limits.h"

namespace scale::formula {
namespace {

const std::vector<std::string> names = {"a", "b", "trig_one", "my-queue", "dotted.name"};
using Values = std::vector<std::optional<double>>;

Result<std::optional<double>> value_of(std::string_view text, Values values) {
  values.resize(names.size());
  TRY(const Formula formula, compile(text, names));
  return formula.evaluate(values);
}

Error error_of(std::string_view text, Values values = {4, 2}) {
  const auto result = value_of(text, std::move(values));
  return result ? Error{Code::internal, "no error"} : result.error();
}

struct ErrorCase {
  const char* text;
  const char* want;
};

const ErrorCase compile_errors[] = {
    {"trig_on + 1", "formula:1:1: unknown name trig_on; did you mean trig_one?"},
    {"a +\n  trigone", "formula:2:3: unknown name trigone; did you mean trig_one?"},
    {"my-queue", "formula:1:1: unknown name my; did you mean $env[\"my-queue\"]?"},
    {"dotted.name", "formula:1:1: unknown name dotted; did you mean $env[\"dotted.name\"]?"},
    {"$env[\"my_queue\"]", "formula:1:1: unknown name my_queue; did you mean $env[\"my-queue\"]?"},
    {"xylophone", "formula:1:1: unknown name xylophone"},
    {"cuont([a], # > 1)", "formula:1:1: unknown function cuont; did you mean count?"},
    {"sqrt(a)", "formula:1:1: unknown function sqrt; did you mean sort?"},
    {"max", "formula:1:1: max is a function: max(...)"},
    {"a(1)", "formula:1:1: a is a number, not a function"},
    {"abs()", "formula:1:1: abs() takes 1 argument, not 0"},
    {"sort([a], \"asc\", 1)", "formula:1:1: sort() takes 1 to 2 arguments, not 3"},
    {"abs(a > 1)", "formula:1:1: abs(): argument 1 is boolean instead of a number"},
    {"a + true", "formula:1:3: number + boolean"},
    {"1 + nil", "formula:1:3: integer + nil"},
    {"a % 2", "formula:1:3: number % integer; % needs integers: int(...)"},
    {"1..a", "formula:1:2: integer .. number"},
    {"not a", "formula:1:1: not number"},
    {"a and b", "formula:1:3: number and number"},
    {"a == true ? 1 : 0", "formula:1:3: number == boolean"},
    {"a ? 1 : 2", "formula:1:1: a condition is boolean, not number"},
    {"a > b",
     "formula:1:3: the formula gives boolean instead of a number; choose one: condition ? 1 : 0"},
    {"[a]", "formula:1:1: the formula gives array of number instead of a number"},
    {"nil", "formula:1:1: the formula gives nil instead of a number"},
    {"\"5\"", "formula:1:1: the formula gives string instead of a number"},
    {"\"a\" + \"b\"", "formula:1:5: string + string; formulas have numbers, not strings"},
    {"let a = 1; a", "formula:1:5: a exists already"},
    {"let x = 1; let x = 2; x", "formula:1:16: x exists already"},
    {"(let x = 1; x) + x", "formula:1:18: unknown name x"},
    {"count(a, # > 1)", "formula:1:1: count(): argument 1 is number instead of an array"},
    {"count([a], #)", "formula:1:1: count(): the predicate gives number instead of boolean"},
    {"sum([a], #acc)", "formula:1:10: #acc is not known here"},
    {"[a][b]", "formula:1:4: number is no index of array of number"},
    {"a[0]", "formula:1:2: number has no elements"},
    {"a[0:1]", "formula:1:2: a slice of number"},
    {"{(a): 1}.x", "formula:1:3: a key is a string, not number"},
};

TEST(FormulaCompile, NamesThePlaceAndTheProblem) {
  for (const auto& c : compile_errors)
    EXPECT_EQ(error_of(c.text), (Error{Code::invalid, c.want})) << c.text;
}

TEST(FormulaCompile, RefusesStringDateAndJsonFunctionsByName) {
  int refused = 0;
  for (const Function& function : all_functions()) {
    if (function.refused.empty()) continue;
    ++refused;
    const std::string name(function.name);
    const auto error = error_of("1 + " + name + "(a)");
    EXPECT_EQ(error.code, Code::invalid);
    EXPECT_TRUE(error.what.starts_with("formula:1:5: " + name + "() is not available: "))
        << error.what;
  }
  EXPECT_EQ(refused, 26);
}

struct ValueCase {
  const char* text;
  std::optional<double> want;
};

// a = 4, b = 2, trig_one = 1, the others are nil.
const ValueCase value_cases[] = {
    {"(a + b)/2", 3},
    {"a > 2 ? a + b : 1", 6},
    {"count([a,b,trig_one],{#>1}) > 1 ? 5 : 0", 5},
    {"trig_one < 2 ? trig_one+b >= 2 ? 5 : 10 : 0", 5},
    {"$env[\"my-queue\"] ?? $env[\"dotted.name\"] ?? b ?? 8", 2},
    {"float(float(a < 5 ? a + b : 5))", 6},
    {"float(a) > 2 ? 5 : 0", 5},  // B-30
    {"7 / 2", 3.5},
    {"7 % 3", 1},
    {"-7 % 3", -1},
    {"2 ** 3 ** 2", 512},
    {"-2 ** 2", -4},
    {"a // the rest is said\n + b", 6},
    {"a /* x */ * b", 8},
    {"let x = a * 2; let y = x + 1; y", 9},
    {"if a > b {10} else {20}", 10},
    {"1 < b < 3 ? 7 : 8", 7},
    {"[a, b] | map(# + 1) | sum()", 8},
    {"$env[\"my-queue\"] ?? nil", std::nullopt},
    {"$env[a > 2 ? \"b\" : \"a\"]", 2},
    {"$env?.[\"nothing\"] ?? 3", 3},
    {"9223372036854775807 + 1 == 9223372036854775807 ? 1 : 0", 1},  // saturates
    {"-9223372036854775807 - 5 < 0 ? 1 : 0", 1},
    {"abs(-9223372036854775807 - 1) > 0 ? 1 : 0", 1},
    {"(-9223372036854775807 - 1) % -1", 0},
    {"sum([])", 0},
    {"mean([1, [2, 3]])", 2},
    {"median([4, 1, 3, 2])", 2.5},
    {"max(1, [a, b], 3)", 4},
    {"reduce([a, b], #acc * 10 + #, 0)", 42},
    {"sortBy([a, b, trig_one], -#)[0]", 4},
    {"sum(groupBy([1, 2, 3, 4], # % 2)[0])", 6},
    {"sum(map(1..3, sum(map(1..#, # * 10))))", 100},
    {"reduce(map([1, 2], reduce([10, 20], #acc + #, #)), #acc * 100 + #, 0)", 3132},
};

TEST(FormulaValue, IsWhatTheLanguageSays) {
  for (const auto& c : value_cases) {
    const auto got = value_of(c.text, {4, 2, 1});
    ASSERT_TRUE(got) << c.text << ": " << got.error().what;
    EXPECT_EQ(*got, c.want) << c.text;
  }
}

const ErrorCase run_errors[] = {
    {"a + $env[\"my-queue\"]", "formula:1:3: number + nil"},
    {"b + (trig_one\n - a)", "formula:2:2: nil - number"},
    {"trig_one", "formula:1:1: the result is nil instead of a number"},
    {"a / 0", "formula:1:3: the result is not finite"},  // B-10
    {"(a - a) / (b - b)", "formula:1:9: the result is not finite"},
    {"5 % 0", "formula:1:3: integer % 0"},
    {"a > 2 ? true : 1", "formula:1:7: the result is boolean instead of a number"},
    {"[a][7]", "formula:1:4: index 7 of an array of 1 elements"},
    {"reduce([], #acc)", "formula:1:1: reduce() of an empty array without an initial value"},
    {"max(a, trig_one)", "formula:1:1: max() of nil"},
    {"sum([trig_one])", "formula:1:1: sum() of nil"},
    {"sort([a, trig_one])[0]", "formula:1:1: sort by nil"},
    {"trig_one > 1 ? 1 : 0", "formula:1:10: nil > integer"},
    {"take([a], -1)[0]", "formula:1:1: take() needs how many as an integer from 0"},
    {"bitshl(1, -1)", "formula:1:1: bitshl() by a negative count"},
    {"nil?.x", "no error"},
};

TEST(FormulaValue, ErrorsHaveAPlace) {
  for (const auto& c : run_errors) {
    const auto error = error_of(c.text);
    if (std::string_view(c.want) == "no error") continue;
    EXPECT_EQ(error, (Error{Code::bad_data, c.want})) << c.text;
  }
}

TEST(FormulaValue, OfInfiniteInputIsAnErrorUnlessUnused) {
  const double infinite = std::numeric_limits<double>::infinity();
  EXPECT_EQ(error_of("a + 1", {infinite}).code, Code::bad_data);
  EXPECT_EQ(error_of("a + 1", {std::nan("")}).code, Code::bad_data);
  EXPECT_EQ(value_of("a > 5 ? 5 : 1", {infinite}), 5.0);
}

const ErrorCase limit_errors[] = {
    {"sum(1..20001)", "formula:1:6: more than 20000 array elements"},
    {"sum(1..9223372036854775807)", "formula:1:6: more than 20000 array elements"},
    {"sum(-9223372036854775807..9223372036854775807)",
     "formula:1:25: more than 20000 array elements"},
    {"sum(map(1..100, sum(1..250)))", nullptr},
    {"sum(1..9000, count(1..#, true))", nullptr},
    {"sum(1..1000, sum([1, 2, 3], sum([1, 2, 3], sum([1, 2, 3], sum([1, 2, 3], sum([1, 2, 3], "
     "#))))))",
     nullptr},
    {"len(reduce(1..40, [#acc], [1]))", "formula:1:19: arrays nested deeper than 32"},
    {"sum(flatten(reduce(1..30, [#acc, #acc], [1])))", "formula:1:5: more than 1000000 steps"},
    {"median(reduce(1..30, [#acc, #acc], [1]))", "formula:1:1: more than 1000000 steps"},
    {"let x = reduce(1..30, [#acc, #acc], [1]); x == x ? 1 : 0",
     "formula:1:45: more than 1000000 steps"},
    {"len(uniq(1..5000))", "formula:1:5: more than 1000000 steps"},
};

TEST(FormulaLimits, AreErrors) {
  for (const auto& c : limit_errors) {
    const auto error = error_of(c.text);
    EXPECT_EQ(error.code, Code::exhausted) << c.text;
    if (c.want) EXPECT_EQ(error.what, c.want) << c.text;
  }
}

TEST(FormulaLimits, HoldAtCompileTime) {
  std::string lets, loops = "a > 1", arguments = "max(a";
  for (int i = 0; i < 70; ++i) lets += "let x" + std::to_string(i) + " = 1; ";
  for (int i = 0; i < 20; ++i) loops = "all([a], " + loops + ")";
  for (int i = 0; i < 300; ++i) arguments += ", a";
  EXPECT_NE(error_of(lets + "a").what.find("more variables in scope than 64"), std::string::npos);
  EXPECT_NE(error_of(loops + " ? 1 : 0").what.find("more predicates inside predicates than 16"),
            std::string::npos);
  EXPECT_NE(error_of(arguments + ")").what.find("more values at one time than 256"),
            std::string::npos);
}

TEST(FormulaReads, OnlyWhatItNames) {
  const auto formula = compile("trig_one ?? $env[\"my-queue\"]", names);
  ASSERT_TRUE(formula);
  EXPECT_FALSE(formula->reads(0));
  EXPECT_TRUE(formula->reads(2));
  EXPECT_TRUE(formula->reads(3));
  EXPECT_TRUE(compile("$env[a > 1 ? \"a\" : \"b\"]", names)->reads(4));
}

TEST(FormulaVariables, MayBeMany) {
  std::vector<std::string> many;
  std::string sum = "0";
  for (int i = 0; i < 900; ++i) {
    many.push_back("t" + std::to_string(i));
    sum += " + " + many.back();
  }
  const auto formula = compile(sum, many);
  ASSERT_TRUE(formula) << formula.error().what;
  EXPECT_EQ(formula->evaluate(Values(900, 2.0)), 1800.0);
}

}  // namespace
}  // namespace scale::formula
