#include "json/patch.h"

#include <gtest/gtest.h>

namespace json {
namespace {

struct Case {
  const char* name;
  const char* target;
  const char* patch;
  const char* want;  // the document, or how the error's text begins
};

Value parsed(std::string_view text) {
  return parse(text).value();
}

// Examples of RFC 6902 and its errata, and the corners of RFC 6901.
const Case good[] = {
    {"add a member", R"({"a":1})", R"([{"op":"add","path":"/b","value":2}])", R"({"a":1,"b":2})"},
    {"add replaces", R"({"a":1})", R"([{"op":"add","path":"/a","value":2}])", R"({"a":2})"},
    {"add an item", "[1,3]", R"([{"op":"add","path":"/1","value":2}])", "[1,2,3]"},
    {"add after the last", "[1]", R"([{"op":"add","path":"/1","value":2}])", "[1,2]"},
    {"add at the end", "[1]", R"([{"op":"add","path":"/-","value":[2]}])", "[1,[2]]"},
    {"add the document", R"({"a":1})", R"([{"op":"add","path":"","value":[]}])", "[]"},
    {"add null", "{}", R"([{"op":"add","path":"/a","value":null}])", R"({"a":null})"},
    {"unknown members are skipped", "{}", R"([{"op":"add","path":"/a","value":1,"x":2}])",
     R"({"a":1})"},
    {"remove a member", R"({"a":1,"b":2})", R"([{"op":"remove","path":"/a"}])", R"({"b":2})"},
    {"remove an item", "[1,2,3]", R"([{"op":"remove","path":"/1"}])", "[1,3]"},
    {"replace", R"({"a":[1]})", R"([{"op":"replace","path":"/a/0","value":{}}])", R"({"a":[{}]})"},
    {"move", R"({"a":{"b":1},"c":{}})", R"([{"op":"move","from":"/a/b","path":"/c/d"}])",
     R"({"a":{},"c":{"d":1}})"},
    {"move within a list", "[1,2,3]", R"([{"op":"move","from":"/0","path":"/2"}])", "[2,3,1]"},
    {"move to itself", R"({"a":1})", R"([{"op":"move","from":"/a","path":"/a"}])", R"({"a":1})"},
    {"copy", R"({"a":[1]})", R"([{"op":"copy","from":"/a","path":"/b"}])", R"({"a":[1],"b":[1]})"},
    {"test", R"({"a":{"b":[1,2.0,"x"]}})",
     R"([{"op":"test","path":"/a","value":{"b":[1.0,2,"x"]}}])", R"({"a":{"b":[1,2.0,"x"]}})"},
    {"escapes", R"({"a/b":1,"m~n":2,"~1":3})",
     R"([{"op":"test","path":"/a~1b","value":1},{"op":"test","path":"/m~0n","value":2},
         {"op":"remove","path":"/~01"}])",
     R"({"a/b":1,"m~n":2})"},
    {"an empty key", R"({"":1})", R"([{"op":"replace","path":"/","value":2}])", R"({"":2})"},
    {"a key that looks like an index", R"({"0":1})", R"([{"op":"remove","path":"/0"}])", "{}"},
    {"one after the other", "{}",
     R"([{"op":"add","path":"/a","value":{}},{"op":"add","path":"/a/b","value":1}])",
     R"({"a":{"b":1}})"},
    {"nothing", "[]", "[]", "[]"},
};

TEST(JsonPatch, ChangesTheDocument) {
  for (const Case& c : good) {
    SCOPED_TRACE(c.name);
    const auto got = apply_patch(parsed(c.target), parsed(c.patch));
    ASSERT_TRUE(got) << got.error().what;
    EXPECT_EQ(print(*got), print(parsed(c.want)));
  }
}

const Case bad[] = {
    {"no list", "{}", "{}", "a JSON patch is a list of operations"},
    {"no operation", "{}", "[{}]", "operation 0: \"op\": want add, copy"},
    {"no object", "{}", "[1]", "operation 0: \"op\": want add, copy"},
    {"unknown operation", "{}", R"([{"op":"Add","path":""}])", "operation 0: \"op\": want add"},
    {"no path", "{}", R"([{"op":"remove"}])", "operation 0: remove : \"path\": want a text"},
    {"no value", "{}", R"([{"op":"add","path":"/a"}])",
     "operation 0: add /a: \"value\": is missing"},
    {"no from", "{}", R"([{"op":"move","path":"/a"}])",
     "operation 0: move /a: \"from\": want a text"},
    {"relative path", "{}", R"([{"op":"remove","path":"a"}])",
     "operation 0: remove a: a path is empty or begins with '/'"},
    {"bad escape", "{}", R"([{"op":"remove","path":"/~2"}])", "operation 0: remove /~2: a '~'"},
    {"cut escape", "{}", R"([{"op":"remove","path":"/~"}])", "operation 0: remove /~: a '~'"},
    {"remove what is not there", "{}", R"([{"op":"remove","path":"/a"}])",
     "operation 0: remove /a: there is no such member"},
    {"replace what is not there", "{}", R"([{"op":"replace","path":"/a","value":1}])",
     "operation 0: replace /a: there is no such member"},
    {"no parent", "{}", R"([{"op":"add","path":"/a/b","value":1}])",
     "operation 0: add /a/b: there is nothing to add it to"},
    {"into a text", R"({"a":"x"})", R"([{"op":"add","path":"/a/b","value":1}])",
     "operation 0: add /a/b: want a list or an object"},
    {"past the end", "[1]", R"([{"op":"add","path":"/2","value":1}])",
     "operation 0: add /2: there is no such place"},
    {"leading zero", "[1,2]", R"([{"op":"remove","path":"/01"}])",
     "operation 0: remove /01: there"},
    {"negative", "[1]", R"([{"op":"remove","path":"/-1"}])", "operation 0: remove /-1: there is"},
    {"the end is no item", "[1]", R"([{"op":"remove","path":"/-"}])",
     "operation 0: remove /-: there"},
    {"into itself", R"({"a":{}})", R"([{"op":"move","from":"/a","path":"/a/b"}])",
     "operation 0: move /a/b: a value cannot be moved into itself"},
    {"test of another", R"({"a":1})", R"([{"op":"test","path":"/a","value":"1"}])",
     "operation 0: test /a: the test fails"},
    {"test of nothing", "{}", R"([{"op":"test","path":"/a","value":null}])",
     "operation 0: test /a: the test fails"},
    {"the second", R"({"a":1})", R"([{"op":"remove","path":"/a"},{"op":"remove","path":"/a"}])",
     "operation 1: remove /a: there"},
};

TEST(JsonPatch, SaysWhichOperationFails) {
  for (const Case& c : bad) {
    SCOPED_TRACE(c.name);
    const auto got = apply_patch(parsed(c.target), parsed(c.patch));
    ASSERT_FALSE(got) << print(*got);
    EXPECT_EQ(got.error().code, Code::invalid);
    EXPECT_TRUE(got.error().what.starts_with(c.want)) << got.error().what;
  }
}

TEST(JsonPatch, IsBounded) {
  const Value doubling = parsed(R"([{"op":"copy","from":"","path":"/a"},
                                    {"op":"copy","from":"","path":"/b"},
                                    {"op":"copy","from":"","path":"/c"}])");
  EXPECT_TRUE(apply_patch(Object{}, doubling, {.copied_values_max = 7}));
  const auto copied = apply_patch(Object{}, doubling, {.copied_values_max = 6});
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, Code::exhausted);
  Array nesting;
  std::string path;
  for (int i = 0; i < 3; ++i) {
    path += "/a";
    nesting.push_back(Object{{"op", "add"}, {"path", path}, {"value", Object{}}});
  }
  EXPECT_TRUE(apply_patch(Object{}, nesting, {.depth_max = 4}));
  const auto deep = apply_patch(Object{}, nesting, {.depth_max = 3});
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().code, Code::exhausted);
  const auto long_one = apply_patch(Object{}, doubling, {.operations_max = 2});
  ASSERT_FALSE(long_one);
  EXPECT_EQ(long_one.error().code, Code::exhausted);
}

TEST(SameValue, ComparesNumbersByValue) {
  struct Pair {
    const char* a;
    const char* b;
    bool want;
  };
  const Pair pairs[] = {
      {"1", "1.0", true},
      {"1", "2", false},
      {"-1", "18446744073709551615", false},
      {"18446744073709551615", "18446744073709551615", true},
      {"1", "\"1\"", false},
      {"null", "false", false},
      {R"({"a":1,"b":2})", R"({"b":2,"a":1})", true},
      {R"({"a":1})", R"({"a":1,"b":2})", false},
      {"[1,2]", "[2,1]", false},
      {"[1]", "[1,1]", false},
  };
  for (const Pair& p : pairs) {
    SCOPED_TRACE(std::string(p.a) + " and " + p.b);
    EXPECT_EQ(same_value(parsed(p.a), parsed(p.b)), p.want);
    EXPECT_EQ(same_value(parsed(p.b), parsed(p.a)), p.want);
  }
}

}  // namespace
}  // namespace json
