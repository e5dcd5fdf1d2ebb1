#include "yaml/yaml.h"

#include <gtest/gtest.h>

#include "yaml/path.h"
#include "yaml/scalar.h"

namespace yaml {
namespace {

struct ScalarCase {
  const char* text;
  const char* json;
};

const ScalarCase scalars[] = {
    {"text", R"("text")"},
    {"'5'", R"("5")"},
    {"\"true\"", R"("true")"},
    {"5", "5"},
    {"-7", "-7"},
    {"+7", "7"},
    {"1_000", "1000"},
    {"0x1F", "31"},
    {"0b101", "5"},
    {"0o17", "15"},
    {"017", "15"},
    {"08", "8"},
    {"9223372036854775807", "9223372036854775807"},
    {"18446744073709551615", "18446744073709551615"},
    {"-9223372036854775808", "-9223372036854775808"},
    {"0", "0"},
    {"0.5", "0.5"},
    {".5", "0.5"},
    {"3.0", "3"},
    {"1e3", "1000"},
    {"1.5.2", R"("1.5.2")"},
    {"10Mi", R"("10Mi")"},
    {"30s", R"("30s")"},
    {"true", "true"},
    {"True", "true"},
    {"yes", "true"},
    {"y", "true"},
    {"off", "false"},
    {"No", "false"},
    {"truE", R"("truE")"},
    {"~", "null"},
    {"null", "null"},
    {"", "null"},
    {"2001-12-14", R"("2001-12-14")"},
    {"2001-12-14T21:59:43Z", R"("2001-12-14T21:59:43Z")"},
    {"!!str 5", R"("5")"},
    {"!!int 5", "5"},
    {"!custom 5", R"("5")"},
    {"|\n  two\n  lines\n", R"("two\nlines\n")"},
    {">-\n  two\n  lines\n", R"("two lines")"},
};

TEST(Yaml, ScalarsAreTypedAsKubectlDoes) {
  for (const auto& c : scalars) {
    SCOPED_TRACE(c.text);
    const Parsed parsed = parse(std::string("x: ") + c.text + "\n");
    EXPECT_TRUE(parsed.problems.empty());
    ASSERT_EQ(parsed.documents.size(), 1u);
    EXPECT_EQ(json::print(*json::find(parsed.documents[0].value, "x")), c.json);
  }
}

struct Case {
  const char* name;
  const char* text;
  const char* json;  // of all documents, as a list
};

const Case cases[] = {
    {"nothing", "", "[]"},
    {"only comments and empty documents", "# hello\n---\n---\n# bye\n", "[]"},
    {"several documents", "a: 1\n---\nb: 2\n", R"([{"a":1},{"b":2}])"},
    {"maps and lists", "a:\n- b: 1\n  c: [2, x]\n- {d: e}\n",
     R"([{"a":[{"b":1,"c":[2,"x"]},{"d":"e"}]}])"},
    {"keys are texts", "1: a\ntrue: b\non: c\n", R"([{"1":"a","true":"b"}])"},
    {"an alias", "a: &x {b: 1}\nc: *x\n", R"([{"a":{"b":1},"c":{"b":1}}])"},
    {"an alias of a scalar", "a: &x 5\nb: *x\n", R"([{"a":5,"b":5}])"},
    {"a merge", "base: &x {a: 1, b: 2}\nall:\n  <<: *x\n  b: 3\n",
     R"([{"base":{"a":1,"b":2},"all":{"b":3,"a":1}}])"},
    {"a merge of several", "p: &p {a: 1}\nq: &q {a: 2, b: 2}\nr: {<<: [*p, *q]}\n",
     R"([{"p":{"a":1},"q":{"a":2,"b":2},"r":{"a":1,"b":2}}])"},
    {"a quoted << is a key", "'<<': 1\n", R"([{"<<":1}])"},
    {"JSON is YAML", R"({"a": [1, "x", null, true]})", R"([{"a":[1,"x",null,true]}])"},
};

std::string documents_of(const Parsed& parsed) {
  json::Array all;
  for (const Document& document : parsed.documents) all.push_back(document.value);
  return json::print(all);
}

TEST(Yaml, ReadsDocuments) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(documents_of(parse(c.text)), c.json);
  }
}

TEST(Yaml, KnowsTheLineOfEveryField) {
  const Parsed parsed = parse(
      "# a comment\n"
      "kind: X\n"
      "spec:\n"
      "  triggers:\n"
      "    - type: cron\n"
      "      metadata:\n"
      "        query: >-\n"
      "          long\n"
      "        start: '0'\n"
      "    -\n"
      "      type: cpu\n"
      "  labels: {a/b: x,\n"
      "           c: y}\n"
      "---\n"
      "kind: Y\n");
  ASSERT_EQ(parsed.documents.size(), 2u);
  const Document& first = parsed.documents[0];
  EXPECT_EQ(first.line_of("kind"), 2);
  EXPECT_EQ(first.line_of("spec.triggers"), 4);
  EXPECT_EQ(first.line_of("spec.triggers[0]"), 5);
  EXPECT_EQ(first.line_of("spec.triggers[0].metadata.query"), 7);
  EXPECT_EQ(first.line_of("spec.triggers[0].metadata.start"), 9);
  EXPECT_EQ(first.line_of("spec.triggers[1].type"), 11);
  EXPECT_EQ(first.line_of("spec.labels[a/b]"), 12);
  EXPECT_EQ(first.line_of("spec.labels.c"), 13);
  EXPECT_EQ(first.line_of("spec.triggers[0].metadata.absent"), 6);
  EXPECT_EQ(first.line_of("absent"), 2);
  EXPECT_EQ(parsed.documents[1].line_of("kind"), 15);
}

struct BadCase {
  const char* name;
  std::string text;
  Problem want;
};

std::string repeated(const char* text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

std::string bomb() {
  std::string text = "a0: &a0 x\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    text += repeated((", " + before).c_str(), 9) + "]\n";
  }
  return text;
}

TEST(Yaml, RefusesWithTheLine) {
  const BadCase bad[] = {
      {"a syntax error", "a: 1\nb: [1\n", {3, "", "bad YAML: end of sequence flow not found"}},
      {"a tab", "a:\n\tb: 1\n", {2, "", "bad YAML: illegal map value"}},
      {"a duplicate key",
       "a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n",
       {5, "b.c", "duplicate key, first in line 3"}},
      {"a duplicate map", "a: {b: 1}\na: {c: 1}\n", {2, "a", "duplicate key, first in line 1"}},
      {"an unknown alias", "a: *x\n", {1, "", "bad YAML: the referenced anchor is not defined"}},
      {"an alias in itself", "a: &x\n  b: *x\n", {2, "", "an alias stands inside its own anchor"}},
      {"a list as key", "? [a, b]\n: 1\n", {1, "", "a key must be a text"}},
      {"an infinity",
       "a: 1\nb: .inf\n",
       {2, "", "\".inf\" is not a number that JSON knows; put it in quotes"}},
      {"a merge of a scalar", "a: 1\n<<: 5\n", {2, "", "\"<<\" wants a map or a list of maps"}},
      {"too deep", repeated("[", 65) + repeated("]", 65), {1, "", "nested deeper than 64 levels"}},
      {"far too deep", repeated("- ", 100'000), {1, "", "nested deeper than 64 levels"}},
      {"an alias bomb", bomb(), {7, "", "too many values, aliases expanded"}},
      {"too large", std::string((4u << 20) + 1, ' '), {1, "", "larger than 4194304 bytes"}},
  };
  for (const auto& c : bad) {
    SCOPED_TRACE(c.name);
    const Parsed parsed = parse(c.text);
    ASSERT_EQ(parsed.problems.size(), 1u);
    EXPECT_EQ(parsed.problems[0].line, c.want.line);
    EXPECT_EQ(parsed.problems[0].path, c.want.path);
    EXPECT_EQ(parsed.problems[0].message, c.want.message);
  }
}

TEST(Yaml, KeepsTheDocumentsBeforeASyntaxError) {
  const Parsed parsed = parse("a: 1\n---\nb: ]\n");
  EXPECT_EQ(documents_of(parsed), R"([{"a":1}])");
  ASSERT_EQ(parsed.problems.size(), 1u);
  EXPECT_EQ(parsed.problems[0].line, 3);
}

TEST(Yaml, LongTextsBehindAliasesAndLongKeysAreBounded) {
  const std::string aliases =
      "a: &x " + std::string(1u << 20, 'x') + "\nb: [*x" + repeated(", *x", 100) + "]\n";
  EXPECT_EQ(parse(aliases).problems.at(0).message, "aliases repeat too much text");
  std::string keys = std::string(1000, 'k') + ":\n";
  for (int i = 0; i < 100'000; ++i) keys += "  k" + std::to_string(i) + ": 1\n";
  EXPECT_EQ(parse(keys).problems.at(0).message, "keys are too long");
}

TEST(Path, ParentsShrinkToNothing) {
  EXPECT_EQ(parent_path("spec.triggers[0].metadata"), "spec.triggers[0]");
  EXPECT_EQ(parent_path("spec.triggers[0]"), "spec.triggers");
  EXPECT_EQ(parent_path("metadata.labels[a.b/c]"), "metadata.labels");
  EXPECT_EQ(parent_path("spec"), "");
  EXPECT_EQ(member_path("", "kind"), "kind");
  EXPECT_EQ(member_path("labels", "a.b"), "labels[a.b]");
  EXPECT_EQ(item_path("a", 3), "a[3]");
}

}  // namespace
}  // namespace yaml
