// Random well-typed formulas compile, print and read back as the same tree, and evaluate to a
// number or an error. The seed is printed, and taken from FORMULA_SEED when set.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "scale/formula/formula.h"
#include "scale/formula/parser.h"

namespace scale::formula {
namespace {

const std::vector<std::string> names = {"a", "b", "c-d"};

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }

  template <std::size_t N>
  std::string one_of(const char* const (&words)[N]) {
    return words[below(N)];
  }

  std::string number(int depth) {
    if (depth <= 0) return one_of({"a", "b", "$env[\"c-d\"]", "1", "2.5", "0", "-3", "1e3"});
    const auto n = [&] { return number(depth - 1); };
    switch (below(12)) {
      case 0:
        return "(" + boolean(depth - 1) + " ? " + n() + " : " + n() + ")";
      case 1:
        return one_of({"abs", "ceil", "floor", "round", "float", "int", "-", "+"}) + "(" + n() +
               ")";
      case 2:
        return one_of({"max", "min", "mean", "median"}) + "(" + n() + ", " + n() + ")";
      case 3:
        return one_of({"sum", "mean", "median", "len"}) + "(" + array(depth - 1) + ")";
      case 4:
        return "count(" + array(depth - 1) + ", {" + element(depth - 1) + " > " + n() + "})";
      case 5:
        return "(" + n() + " ?? " + n() + ")";
      case 6:
        return fresh(depth);
      case 7:
        return "reduce(" + array(depth - 1) + ", #acc + #, " + n() + ")";
      case 8:
        return "(if " + boolean(depth - 1) + " {" + n() + "} else {" + n() + "})";
      default:
        return "(" + n() + " " + one_of({"+", "-", "*", "/", "**"}) + " " + n() + ")";
    }
  }

 private:
  std::string fresh(int depth) {
    const std::string name = "v" + std::to_string(next_++);
    return "(let " + name + " = " + number(depth - 1) + "; " + name + " + " + number(depth - 1) +
           ")";
  }

  std::string element(int) { return one_of({"#", "(# * 2)", "-#"}); }

  std::string boolean(int depth) {
    if (depth <= 0) return one_of({"true", "a > b", "a == nil", "1 < b <= 3", "b in [1, 2]"});
    switch (below(4)) {
      case 0:
        return "(" + boolean(depth - 1) + one_of({" and ", " || "}) + boolean(depth - 1) + ")";
      case 1:
        return "not (" + boolean(depth - 1) + ")";
      case 2:
        return one_of({"all", "any", "one", "none"}) + "(" + array(depth - 1) + ", # > 1)";
      default:
        return number(depth - 1) + one_of({" < ", " >= ", " == ", " != "}) + number(depth - 1);
    }
  }

  std::string array(int depth) {
    if (depth <= 0) return one_of({"[a, b]", "1..5", "[]", "[1, 2.5, a]"});
    switch (below(5)) {
      case 0:
        return "map(" + array(depth - 1) + ", # + " + number(depth - 1) + ")";
      case 1:
        return "filter(" + array(depth - 1) + ", # > " + number(0) + ")";
      case 2:
        return one_of({"sort", "reverse", "uniq", "flatten"}) + "(" + array(depth - 1) + ")";
      case 3:
        return "concat(" + array(depth - 1) + ", " + array(depth - 1) + ")" +
               one_of({"", "[1:]", "[:-1]"});
      default:
        return "[" + number(depth - 1) + ", " + number(depth - 1) + "]";
    }
  }

  std::mt19937_64 random_;
  int next_ = 0;
};

std::uint64_t seed() {
  if (const char* given = std::getenv("FORMULA_SEED")) return std::strtoull(given, nullptr, 10);
  return std::random_device{}();
}

void expect_reads_back(const std::string& text) {
  const auto tree = parse(text);
  ASSERT_TRUE(tree) << text << ": " << tree.error().what;
  const auto again = parse(print(*tree));
  ASSERT_TRUE(again) << print(*tree) << ": " << again.error().what;
  EXPECT_TRUE(same(*tree, *again)) << text;
}

void expect_evaluates(const std::string& text) {
  const auto formula = compile(text, names);
  ASSERT_TRUE(formula) << text << ": " << formula.error().what;
  const std::optional<double> inputs[] = {std::nullopt, 0.0, 1.0, -2.5, 1e300, std::nan("")};
  for (const auto& a : inputs) {
    const std::optional<double> values[] = {a, 2.0, std::nullopt};
    const auto result = formula->evaluate(values);
    if (!result) {
      EXPECT_TRUE(result.error().what.starts_with("formula:")) << text;
      EXPECT_TRUE(result.error().code == Code::bad_data || result.error().code == Code::exhausted);
    } else if (*result) {
      EXPECT_TRUE(std::isfinite(**result)) << text;
    }
  }
}

TEST(FormulaProperty, WellTypedFormulasCompileReadBackAndEvaluate) {
  const std::uint64_t start = seed();
  std::printf("FORMULA_SEED=%llu\n", static_cast<unsigned long long>(start));
  Draw draw(start);
  for (int i = 0; i < 3000 && !HasFailure(); ++i) {
    const std::string text = draw.number(static_cast<int>(draw.below(5)));
    expect_reads_back(text);
    expect_evaluates(text);
  }
}

}  // namespace
}  // namespace scale::formula
