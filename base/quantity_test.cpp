#include "base/quantity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace base {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

TEST(Quantity, IsReadExactly) {
  struct Case {
    const char* text;
    std::int64_t milli;
    double number;
    const char* canonical;
  };
  const Case cases[] = {
      {"0", 0, 0, "0"},
      {"-0", 0, 0, "0"},
      {"1", 1000, 1, "1"},
      {"+1", 1000, 1, "1"},
      {"-1", -1000, -1, "-1"},
      {"1.", 1000, 1, "1"},
      {".5", 500, 0.5, "500m"},
      {"0.5", 500, 0.5, "500m"},
      {"1.5", 1500, 1.5, "1500m"},
      {"001000", 1000000, 1000, "1k"},
      {"1000000", 1000000000, 1e6, "1M"},
      {"1000M", 1000000000000, 1e9, "1G"},
      {"12E", most, 12e18, "12E"},
      {"1000E", most, 1e21, "1000E"},
      // Exactly as upstream computes: mantissa times a power of ten.
      {"0.3", 300, 3 * 1e-1, "300m"},
      {"300m", 300, 300 * 1e-3, "300m"},
      // Milli values are rounded away from zero, so are values finer than nano.
      {"0.1m", 1, 1e-4, "100u"},
      {"-1.5m", -2, -1.5e-3, "-1500u"},
      {"1001u", 2, 1001e-6, "1001u"},
      {"1n", 1, 1e-9, "1n"},
      {"0.1n", 1, 1e-9, "1n"},
      {"-0.0000000001", -1, -1e-9, "-1n"},
      {"1.0000000001", 1001, 1.000000001, "1000000001n"},
      {"0.00000000000000000000000000000000000000000000000000000000001", 1, 1e-9, "1n"},
      {"1e-400", 1, 1e-9, "1e-9"},
      {"0e999999999999", 0, 0, "0"},
      // Exponents stay exponents, in steps of three.
      {"1e3", 1000000, 1000, "1e3"},
      {"1E3", 1000000, 1000, "1e3"},
      {"1e+3", 1000000, 1000, "1e3"},
      {"1.5e-1", 150, 0.15, "150e-3"},
      {"1e2", 100000, 100, "100"},
      {"1e30", most, 1e30, "1e30"},
      {"-1e30", least, -1e30, "-1e30"},
      {"1e31", most, 1e31, "10e30"},
      // Binary.
      {"1Ki", 1024000, 1024, "1Ki"},
      {"0.5Ki", 512000, 512, "512"},
      {"1.5Gi", 1610612736000, 1610612736, "1536Mi"},
      {"-1.5Gi", -1610612736000, -1610612736, "-1536Mi"},
      {"1000Ki", 1024000000, 1024000, "1000Ki"},
      {".000001Ki", 2, 1024e-6, "1024u"},
      {"1.0001Ki", 1024103, 1024.1024, "1024102400u"},
      {"1Ei", most, 0x1p60, "1Ei"},
      {"8Ei", most, 0x1p63, "9223372036854775807"},
      {"-99999999999999999999Ei", least, -0x1p63, "-9223372036854775807"},
      // Around 64 bits.
      {"9223372036854775807", most, 0x1p63, "9223372036854775807"},
      {"9223372036854775808", most, 0x1p63, "9223372036854775808"},
      {"9223372036854775.807", most, 9223372036854775.807, "9223372036854775807m"},
      {"9223372036854775.808", most, 9223372036854775.808, "9223372036854775808m"},
      {"9223372036854775.806001", most, 9223372036854775.806001, "9223372036854775806001u"},
      {"-9223372036854775.808", least, -9223372036854775.808, "-9223372036854775808m"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto got = parse_quantity(c.text);
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(got->milli(), c.milli);
    EXPECT_DOUBLE_EQ(got->as_double(), c.number);
    EXPECT_EQ(got->text(), c.canonical);
    const auto again = parse_quantity(got->text());
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, *got);
  }
  EXPECT_EQ(parse_quantity("0.3")->as_double(), 0.30000000000000004);
}

TEST(Quantity, WhatIsNoneIsRefused) {
  const char* cases[] = {"",   "abc", "1KiB", "1.2.3", "1e",   "0x10", "1,5", "m",
                         "5 ", " 5",  "5kk",  "e3",    "--5",  "+-5",  "inf", ".",
                         "-",  "1K",  "1e3k", "1e999", "1Mi5", "1e+",  "nan", "1 Ki"};
  for (const char* text : cases) {
    SCOPED_TRACE(text);
    const auto got = parse_quantity(text);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Code::invalid);
  }
}

TEST(Quantity, ItsLimitsAreSaid) {
  const std::string digits(quantity_digits_max, '9');
  EXPECT_TRUE(parse_quantity(digits));
  EXPECT_EQ(parse_quantity(digits + "9").error().what,
            "bad quantity \"" + digits + "9\": too large or too many digits");
  EXPECT_FALSE(parse_quantity("0." + std::string(101, '1')));
  EXPECT_TRUE(parse_quantity("9e270"));
  EXPECT_FALSE(parse_quantity("9e271"));
}

TEST(Quantity, ComparesByValue) {
  const char* ascending[] = {"-1e30",
                             "-1Ki",
                             "-1k",
                             "-1n",
                             "0",
                             "1n",
                             "1m",
                             "0.3",
                             "1",
                             "999",
                             "1k",
                             "1023.999999999",
                             "1Ki",
                             "1M",
                             "1Mi",
                             "9223372036854775807",
                             "9223372036854775807.000000001",
                             "9223372036854775808",
                             "1e30",
                             "1e31"};
  for (const char* a : ascending) {
    for (const char* b : ascending) {
      SCOPED_TRACE(std::string(a) + " " + b);
      const auto place = [&](const char* text) { return std::ranges::find(ascending, text); };
      EXPECT_EQ(*parse_quantity(a) <=> *parse_quantity(b), place(a) <=> place(b));
    }
  }
  EXPECT_EQ(*parse_quantity("1000"), *parse_quantity("1k"));
  EXPECT_EQ(*parse_quantity("1e3"), *parse_quantity("1000000m"));
  EXPECT_EQ(parse_quantity("-3")->sign(), -1);
}

TEST(Quantity, OfMilliHasTheNotationAskedFor) {
  using enum Quantity::Format;
  EXPECT_EQ(Quantity::of_milli(1000, binary_si).text(), "1");
  EXPECT_EQ(Quantity::of_milli(100, decimal_si).text(), "100m");
  EXPECT_EQ(Quantity::of_milli(1024000, binary_si).text(), "1Ki");
  EXPECT_EQ(Quantity::of_milli(1000000, binary_si).text(), "1k");
  EXPECT_EQ(Quantity::of_milli(1048576, binary_si).text(), "1048576m");
  EXPECT_EQ(Quantity::of_milli(most, decimal_si).milli(), most);
  EXPECT_EQ(Quantity::of_milli(least, binary_si).milli(), least);
}

}  // namespace
}  // namespace base
