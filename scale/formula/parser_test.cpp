#include "scale/formula/parser.h"

#include <gtest/gtest.h>

#include "scale/formula/lexer.h"
#include "scale/formula/limits.h"

namespace scale::formula {
namespace {

struct TokenCase {
  const char* name;
  const char* text;
  std::string want;  // tokens between bars, or the error
};

std::string tokens(std::string_view text) {
  const auto all = tokenize(text);
  if (!all) return all.error().what;
  std::string out;
  for (const Token& token : *all)
    if (token.kind != TokenKind::end) out += (out.empty() ? "" : "|") + token.text;
  return out;
}

const TokenCase token_cases[] = {
    {"names and numbers", "a1 + 2.5e-3*_x$", "a1|+|2.5e-3|*|_x$"},
    {"a range is not a fraction", "1..3", "1|..|3"},
    {"a fraction may begin or end with its point", ".5 5.", ".5|5."},
    {"operators of two characters", "a<=b??c||d&&e**f!=g", "a|<=|b|??|c||||d|&&|e|**|f|!=|g"},
    {"comments are spaces", "a/* + */-b // end", "a|-|b"},
    {"strings are decoded", R"("a\"\x41é" 'it\'s' `\n`)", "a\"A\xC3\xA9|it's|\\n"},
    {"an index of a predicate", "#acc # #", "#|acc|#|#"},
    {"an open comment", "a /* b", "formula:1:3: this comment is not closed"},
    {"an open string", "a +\n 'b", "formula:2:2: this string is not closed"},
    {"an unknown escape", R"("\q")", "formula:1:1: a string has an unknown escape"},
    {"half a surrogate", R"("\ud800")", "formula:1:1: a string escapes what is no character"},
    {"a number that runs into a name", "1x", "formula:1:1: this is no number"},
    {"a digit of another base", "0b12", "formula:1:1: this is no number"},
    {"a stray character", "a @ b", "formula:1:3: unexpected character @"},
    {"columns count characters", "\xC3\xA9\xC3\xA9 @", "formula:1:4: unexpected character @"},
    {"not UTF-8", "a \xFF", "formula:1:3: this is not UTF-8"},
    {"an overlong form", "\xC0\x80", "formula:1:1: this is not UTF-8"},
};

TEST(FormulaLexer, ReadsTokens) {
  for (const auto& c : token_cases) EXPECT_EQ(tokens(c.text), c.want) << c.name;
}

struct ParseCase {
  const char* text;
  const char* want;  // every operation in parentheses
};

const ParseCase parse_cases[] = {
    {"1 + 2 * 3", "(1 + (2 * 3))"},
    {"1 - 2 - 3", "((1 - 2) - 3)"},
    {"2 ** 3 ** 2", "(2 ^ (3 ^ 2))"},
    {"-2 ** 2", "(- (2 ^ 2))"},
    {"2 ^ -1", "(2 ^ (- 1))"},
    {"a + b ?? 5", "(a + (b ?? 5))"},
    {"a ?? b + 1", "((a ?? b) + 1)"},
    {"-a ?? 1", "(- (a ?? 1))"},
    {"a ?? b ?? c", "((a ?? b) ?? c)"},
    {"not a > 1", "((not a) > 1)"},
    {"not a in b", "((not a) in b)"},
    {"a not in b", "(not (a in b))"},
    {"a or b and c", "(a or (b and c))"},
    {"a < b <= c", "(a < b <= c)"},
    {"a < b == c", "((a < b) == c)"},
    {"1 .. 2 + 3", "(1 .. (2 + 3))"},
    {"a ? b : c ? d : e", "(a ? b : (c ? d : e))"},
    {"a ? b ? c : d : e", "(a ? (b ? c : d) : e)"},
    {"a ?: b", "(a ?: b)"},
    {"if a {b} else if c {d} else {e}", "(a ? b : (c ? d : e))"},
    {"let x = 1; let y = 2; x", "(let x = 1; (let y = 2; x))"},
    {"a | max(b) | min(c)", "min(max(a, b), c)"},
    {"a + 1 | max(2)", "max((a + 1), 2)"},
    {"[a] | count(# > 1)", "count([a], {(# > 1)})"},
    {"count(a, {let y = #; y > 1; y > 2})", "count(a, {(let y = #; ((y > 1); (y > 2)))})"},
    {"map(a, .x)", "map(a, {#.x})"},
    {"reduce(a, #acc + #index, 0)", "reduce(a, {(#acc + #index)}, 0)"},
    {"$env[\"a-b\"] + $env.c", "($env[\"a-b\"] + $env[\"c\"])"},
    {"$env?.[\"a\"]", "$env?.[\"a\"]"},
    {"a?.b.c", "(a?.b.c)"},
    {"a?.b[\"c\"]", "(a?.b)[\"c\"]"},
    {"a[1:][:2][:]", "a[1:][:2][:]"},
    {"{a: 1, \"b c\": 2, (d): 3}", "{\"a\": 1, \"b c\": 2, (d): 3}"},
    {"0x1F + 0b11 + 0o17 + 1_000", "(((31 + 3) + 15) + 1000)"},
    {"1e3", "1000.0"},
    {"::max(a)", "::max(a)"},
    {"(a; b)", "(a; b)"},
};

TEST(FormulaParser, FollowsThePrecedences) {
  for (const auto& c : parse_cases) {
    const auto tree = parse(c.text);
    ASSERT_TRUE(tree) << c.text << ": " << tree.error().what;
    EXPECT_EQ(print(*tree), c.want) << c.text;
    const auto again = parse(print(*tree));
    EXPECT_TRUE(again && same(*again, *tree)) << c.text;
  }
}

struct ErrorCase {
  std::string text;
  const char* want;
};

const ErrorCase error_cases[] = {
    {"", "formula:1:1: the formula ends too soon"},
    {"a +", "formula:1:4: the formula ends too soon"},
    {"(a + b", "formula:1:7: the formula ends instead of )"},
    {"a b", "formula:1:3: unexpected b"},
    {"a ?\n b", "formula:2:3: the formula ends instead of :"},
    {"if a {1}", "formula:1:9: the formula ends instead of else"},
    {"let 5 = 1; 2", "formula:1:5: unexpected 5 instead of a name after let"},
    {"let x = 1", "formula:1:10: the formula ends instead of ;"},
    {"# + 1", "formula:1:1: # is only known inside a predicate"},
    {"a | 5", "formula:1:5: unexpected 5 instead of a function after |"},
    {"a not b", "formula:1:7: unexpected b after not"},
    {"$env", "formula:1:1: $env needs a name: $env[\"name\"]"},
    {"a.b()", "formula:1:3: values have no method b"},
    {"{+: 1}", "formula:1:2: unexpected + instead of a key"},
    {"99999999999999999999", "formula:1:1: this integer needs more than 64 bits"},
    {"1e999", "formula:1:1: this number is too large"},
    {"a matches b", "formula:1:3: operator matches works on strings, and formulas have numbers"},
    {"1 + upper(a)", "formula:1:5: upper() is not available: formulas have numbers, not strings"},
    {"now().Hour()", "formula:1:1: now() is not available: formulas have numbers, not dates"},
    {"a | toJSON()",
     "formula:1:5: toJSON() is not available: formulas have numbers, not JSON or Base64"},
};

TEST(FormulaParser, SaysWhereAndWhat) {
  for (const auto& c : error_cases) {
    const auto tree = parse(c.text);
    ASSERT_FALSE(tree) << c.text;
    EXPECT_EQ(tree.error(), (Error{Code::invalid, c.want})) << c.text;
  }
}

std::string times(std::string_view text, std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += text;
  return out;
}

TEST(FormulaParser, RefusesWhatIsTooDeepOrTooLong) {
  const std::string deep[] = {
      times("(", 8000),      times("[", 8000),        times("-", 8000),
      times("a ? ", 4000),   times("max(", 4000),     times("!", 8000),
      times("if a {", 2000), times("let x = ", 2000), times("if a {1} else ", 1000),
      times("1 ** ", 3000)};
  for (const auto& text : deep) {
    const auto tree = parse(text);
    ASSERT_FALSE(tree);
    EXPECT_NE(tree.error().what.find("nested deeper than 100 levels"), std::string::npos)
        << text.substr(0, 20) << tree.error().what;
  }
  EXPECT_FALSE(parse("1" + times("+1", 7000)));
  EXPECT_FALSE(parse("a" + times("[0]", 5000)));
  EXPECT_FALSE(parse("[" + times("1,", 5000) + "]"));
  EXPECT_EQ(parse(times(" ", text_bytes_max + 1)).error().what, "formula: longer than 16384 bytes");
}

TEST(FormulaParser, TakesLongSums) {
  EXPECT_TRUE(parse("1" + times("+1", 900)));
}

}  // namespace
}  // namespace scale::formula
