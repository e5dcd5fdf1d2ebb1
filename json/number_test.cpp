#include "json/json.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <random>
#include <string>

namespace json {
namespace {

std::string shortest(double number) {
  char text[64];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

TEST(Numbers, FractionsAreExact) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random{seed};
  for (int i = 0; i < 10'000; ++i) {
    const double number = std::ldexp(static_cast<double>(random() >> 11), int(random() % 100) - 90);
    const auto value = parse("[-" + shortest(number) + "]");
    ASSERT_TRUE(value);
    EXPECT_EQ(value->at(0).to_number<double>(), -number);
  }
}

TEST(Numbers, IntegersKeepEveryDigit) {
  const auto value = parse("[-9223372036854775808,18446744073709551615]");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->at(0).as_int64(), INT64_MIN);
  EXPECT_EQ(value->at(1).as_uint64(), UINT64_MAX);
}

TEST(Numbers, TextAfterANumberIsAnError) {
  for (const char* text : {"1 2", "1.5x", "-", "1e", "", "[1", "{\"a\":1}}"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse(text));
  }
}

}  // namespace
}  // namespace json
