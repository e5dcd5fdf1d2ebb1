#include "otlp/attribute.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace otlp {
namespace {

using List = AttributeValue::List;
using Map = AttributeValue::Map;
using namespace std::string_literals;

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Case {
  const char* name;
  AttributeValue value;
  std::string want;
};

const Case cases[] = {
    {"unset", {}, ""},
    {"string as it is", {"a \"b\""s}, "a \"b\""},
    {"empty string", {""s}, ""},
    {"true", {true}, "true"},
    {"false", {false}, "false"},
    {"integer", {std::int64_t{200}}, "200"},
    {"smallest integer", {INT64_MIN}, "-9223372036854775808"},
    {"double", {0.5}, "0.5"},
    {"not a number", {NAN}, "NaN"},
    {"no bytes", {Bytes{""}}, ""},
    {"one byte", {Bytes{"\xff"}}, "/w=="},
    {"two bytes", {Bytes{"\xff\xfe"}}, "//4="},
    {"three bytes", {Bytes{"foo"}}, "Zm9v"},
    {"empty list", {List{}}, "[]"},
    {"list",
     {List{{"a\n"s}, {std::int64_t{1}}, {1.5}, {true}, {}, {Bytes{"f"}}, {infinity}}},
     R"(["a\n",1,1.5,true,null,"Zg==","+Inf"])"},
    {"empty map", {Map{}}, "{}"},
    {"map sorts its keys", {Map{{"b", {std::int64_t{1}}}, {"a", {"x"s}}}}, R"({"a":"x","b":1})"},
    {"last of equal keys", {Map{{"a", {false}}, {"a", {true}}}}, R"({"a":true})"},
    {"nested", {List{{Map{{"k", {List{{}}}}}}}}, R"([{"k":[null]}])"},
};

TEST(AttributeText, IsOneTextPerType) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(to_text(c.value), c.want);
  }
}

struct NumberCase {
  double number;
  const char* want;
};

// What Go's fmt.Sprintf("%v", number) prints.
const NumberCase numbers[] = {
    {0, "0"},
    {-0.0, "-0"},
    {1, "1"},
    {-1.5, "-1.5"},
    {0.1, "0.1"},
    {0.0001, "0.0001"},
    {0.00012345, "0.00012345"},
    {0.00001, "1e-05"},
    {1.0 / 3, "0.3333333333333333"},
    {100, "100"},
    {999999, "999999"},
    {123456.5, "123456.5"},
    {1e6, "1e+06"},
    {123456789, "1.23456789e+08"},
    {12345.678, "12345.678"},
    {1e20, "1e+20"},
    {1.2345678901234567e20, "1.2345678901234567e+20"},
    {1e21, "1e+21"},
    {-1.5e300, "-1.5e+300"},
    {5e-324, "5e-324"},
    {1.7976931348623157e308, "1.7976931348623157e+308"},
    {infinity, "+Inf"},
    {-infinity, "-Inf"},
};

TEST(NumberText, PrintsAsGoDoes) {
  for (const NumberCase& c : numbers) EXPECT_EQ(number_text(c.number), c.want);
}

}  // namespace
}  // namespace otlp
