#include "json/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace json {
namespace {

TEST(Print, WritesNumbersThatReadBackAndNothingThatDoesNot) {
  const Value value = Object{{"whole", 42.0},
                             {"fraction", 0.1},
                             {"large", 1e21},
                             {"negative_zero", -0.0},
                             {"int", std::int64_t{9007199254740993}},
                             {"nan", std::nan("")},
                             {"infinity", std::numeric_limits<double>::infinity()},
                             {"text", "a\"b\n"},
                             {"empty", Array{}}};
  EXPECT_EQ(
      print(value),
      R"({"whole":42,"fraction":0.1,"large":1e+21,"negative_zero":-0.0,"int":9007199254740993,"nan":null,)"
      R"("infinity":null,"text":"a\"b\n","empty":[]})");
}

TEST(PrintPretty, Indents) {
  EXPECT_EQ(print_pretty(Object{{"a", Array{1, 2}}, {"b", Object{}}}, 4),
            "{\n    \"a\": [\n        1,\n        2\n    ],\n    \"b\": {}\n}");
}

TEST(Parse, SaysWhereItWentWrong) {
  struct Case {
    const char* text;
    const char* want;  // beginning of the error
  };
  const Case cases[] = {
      {"", "bad JSON at byte 0"},
      {"{\"a\":}", "bad JSON at byte 5"},
      {"[1,2", "bad JSON at byte 4"},
      {"1 2", "bad JSON at byte 2: text after the document"},
      {"{} x", "bad JSON at byte 3: text after the document"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto value = parse(c.text);
    ASSERT_FALSE(value);
    EXPECT_TRUE(value.error().what.starts_with(c.want)) << value.error().what;
  }
  const std::string deep(100, '[');
  EXPECT_FALSE(parse(deep));
}

TEST(Parse, ReadsFractionsExactly) {
  const auto value = parse("[0.1, 7.038531e-26, 1e308, -0.0]");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->get_array()[0].get_double(), 0.1);
  EXPECT_EQ(value->get_array()[1].get_double(), 7.038531e-26);
  EXPECT_EQ(value->get_array()[2].get_double(), 1e308);
}

TEST(Find, StepsThroughObjects) {
  const auto value = parse(R"({"metadata":{"name":"a","n":3,"x":1.5,"b":true}})");
  ASSERT_TRUE(value);
  ASSERT_NE(find(*value, "metadata", "name"), nullptr);
  EXPECT_EQ(find(*value, "metadata", "none"), nullptr);
  EXPECT_EQ(find(*value, "none", "name"), nullptr);
  const Value& metadata = *find(*value, "metadata");
  EXPECT_EQ(text_at(metadata, "name"), "a");
  EXPECT_EQ(text_at(metadata, "n"), std::nullopt);
  EXPECT_EQ(int_at(metadata, "n"), 3);
  EXPECT_EQ(int_at(metadata, "x"), std::nullopt);
  EXPECT_EQ(number_at(metadata, "n"), 3.0);
  EXPECT_EQ(bool_at(metadata, "b"), true);
}

TEST(MergePatch, FollowsRfc7386) {
  struct Case {
    const char* target;
    const char* patch;
    const char* want;
  };
  const Case cases[] = {
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.patch);
    Value target = *parse(c.target);
    merge_patch(target, *parse(c.patch));
    EXPECT_EQ(print(target), c.want);
  }
}

}  // namespace
}  // namespace json
