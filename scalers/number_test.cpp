#include "scalers/number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>

namespace scalers {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

TEST(ParseNumber, ReadsWhatGoReads) {
  struct Case {
    const char* text;
    std::optional<double> want;
  };
  const Case cases[] = {
      {"5", 5},
      {"0", 0},
      {"-5", -5},
      {"+5", 5},
      {".5", 0.5},
      {"-.5", -0.5},
      {"12.", 12},
      {"1e3", 1000},
      {"1E3", 1000},
      {"1e+3", 1000},
      {"1e-3", 0.001},
      {"1.e1", 10},
      {"007", 7},
      {"0.1", 0.1},
      {"2147483648", 2147483648.0},
      {"1.7976931348623157e308", std::numeric_limits<double>::max()},
      {"5e-324", 5e-324},
      {"2e-400", 0},
      {"-2e-400", -0.0},
      {"0e99999999999999999999", 0},
      {"0x1p-2", 0.25},
      {"0X1.8P1", 3},
      {"-0x.8p+1", -1},
      {"Inf", inf},
      {"+inf", inf},
      {"-Infinity", -inf},
      // What is not a number.
      {"", {}},
      {" 5", {}},
      {"5 ", {}},
      {"5\n", {}},
      {"\t5", {}},
      {"5,0", {}},
      {"1,5", {}},
      {"100m", {}},
      {"10Mi", {}},
      {"50%", {}},
      {"abc", {}},
      {".", {}},
      {"+", {}},
      {"-", {}},
      {"--5", {}},
      {"+-5", {}},
      {"5-", {}},
      {"e5", {}},
      {".e5", {}},
      {"5e", {}},
      {"5e+", {}},
      {"5e1.5", {}},
      {"1.2.3", {}},
      {"0x", {}},
      {"0x1", {}},
      {"0xp1", {}},
      {"0x1e3", {}},
      {"1p3", {}},
      {"1_000", {}},
      {"0b1", {}},
      {"infinit", {}},
      {"in", {}},
      {"+nan", {}},
      {"-NaN", {}},
      {"nan(1)", {}},
      {"\xd9\xa5", {}},
      {"1e400", {}},
      {"-1e309", {}},
      {"0x1p2000", {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto got = parse_number(c.text);
    EXPECT_EQ(got ? std::optional(*got) : std::nullopt, c.want);
    if (!got) EXPECT_EQ(got.error().code, Code::invalid);
  }
  for (const char* text : {"NaN", "nan", "NAN"})
    EXPECT_TRUE(std::isnan(parse_number(text).value_or(0)));
  EXPECT_EQ(parse_number(std::string_view("5\0", 2)).error().code, Code::invalid);
}

TEST(ParseNumber, SaysWhatIsWrong) {
  EXPECT_EQ(parse_number("100m").error().what, "\"100m\" is not a number");
  EXPECT_EQ(parse_number("1e400").error().what, "\"1e400\" is out of range");
}

TEST(ParseFiniteNumber, RefusesTheRest) {
  EXPECT_EQ(parse_finite_number("1e3"), 1000);
  for (const char* text : {"NaN", "Inf", "-inf"}) {
    EXPECT_EQ(parse_finite_number(text).error(),
              (Error{Code::invalid, "\"" + std::string(text) + "\" is not finite"}));
  }
}

}  // namespace
}  // namespace scalers
