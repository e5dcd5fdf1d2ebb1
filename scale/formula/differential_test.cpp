// The recorded behaviour of expr-lang as KEDA uses it: testdata/README.md has the origin. A case
// that is meant to differ says how and why in "ours".

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

#include "json/json.h"
#include "scale/formula/formula.h"

namespace scale::formula {
namespace {

using Values = std::vector<std::optional<double>>;

std::string file(const std::string& name) {
  std::ifstream in(std::string(TIDEWHEEL_SOURCE) + "/scale/formula/" + name);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Values values_of(const json::Array& numbers) {
  Values values;
  for (const auto& number : numbers)
    values.push_back(number.is_null() ? std::nullopt : std::optional(number.to_number<double>()));
  return values;
}

// Sums are folded in another order there, and pow() is another one.
bool close(double a, double b) {
  return a == b || std::abs(a - b) <= 1e-12 * std::max(std::abs(a), std::abs(b));
}

// "3.5", "nil", or "error", as the file has results.
bool agrees(const Result<std::optional<double>>& got, const json::Value& want) {
  if (!want.is_string()) return got && *got && close(**got, want.to_number<double>());
  if (want.as_string() == "nil") return got && !*got;
  return !got;  // "error", "not finite"
}

std::string shown(const Result<std::optional<double>>& got) {
  if (!got) return got.error().what;
  return *got ? std::to_string(**got) : "nil";
}

// What differs between `compiled` and the record in `want`, or nothing.
std::string difference(const Result<Formula>& compiled, const json::Value& want,
                       const json::Array& bindings) {
  if (compiled.has_value() != want.at("compiles").as_bool())
    return compiled ? "compiles" : compiled.error().what;
  if (!compiled) return "";
  const auto& results = want.at("results").as_array();
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    const auto got = compiled->evaluate(values_of(bindings[i].as_array()));
    if (!agrees(got, results.at(i)))
      return "binding " + std::to_string(i) + ": " + shown(got) + ", not " +
             json::print(results.at(i));
  }
  return "";
}

class Differential : public testing::Test {
 protected:
  json::Value cases = json::parse(file("testdata/expr_cases.json")).value();
  const json::Array& bindings = cases.at("bindings").as_array();

  Result<Formula> compiled(const json::Value& c) const {
    std::vector<std::string> variables;
    for (const auto& name : cases.at("variables").as_array())
      variables.emplace_back(name.as_string());
    return compile(std::string(c.at("formula").as_string()), variables);
  }
};

TEST_F(Differential, GivesWhatExprGivesUnlessItSaysWhy) {
  for (const auto& c : cases.at("cases").as_array()) {
    const auto* ours = json::find(c, "ours");
    EXPECT_EQ(difference(compiled(c), ours ? *ours : c, bindings), "") << c.at("formula");
    if (ours)
      EXPECT_NE(difference(compiled(c), c, bindings), "") << c.at("formula") << " is marked";
  }
}

TEST_F(Differential, ReasonsAreRowsOfTheReadme) {
  const std::string readme = file("README.md");
  std::set<std::string> whys;
  for (const auto& c : cases.at("cases").as_array())
    if (const auto* ours = json::find(c, "ours")) whys.emplace(ours->at("why").as_string());
  EXPECT_GT(whys.size(), 3U);
  for (const auto& why : whys) EXPECT_NE(readme.find("| " + why + " |"), std::string::npos) << why;
}

}  // namespace
}  // namespace scale::formula
