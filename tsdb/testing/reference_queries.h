#pragma once

// The queries of which it is known what otel-add-on makes of them, in the order of its description:
// each table a table there. For tests of every place that takes a query.

#include <array>
#include <string_view>

namespace tsdb::testing {

struct ReferenceQuery {
  std::string_view text;
  std::string_view there;  // what otel-add-on does
  std::string_view reads;  // as to_string() writes it; empty: refused
  std::string_view why;    // the error, where refused
};

// The grammar, and what the parser really does.
inline constexpr std::array grammar_queries{
    ReferenceQuery{"avg(foo{a=1, b=2})", "as meant", R"(avg(foo{a="1",b="2"}))", ""},
    ReferenceQuery{"foo{ a = 1 }", "as meant", R"(sum(foo{a="1"}))", ""},
    ReferenceQuery{"foo{a='x y'}", "as meant", R"(sum(foo{a="x y"}))", ""},
    ReferenceQuery{"hello", "as meant", "sum(hello)", ""},
    ReferenceQuery{"max(foo)", "as meant", "max(foo)", ""},
    ReferenceQuery{"sum(avg(foo))", "avg", "", "at byte 7: functions do not nest"},
    ReferenceQuery{"min(max(foo{a=1}))", "max", "", "at byte 7: functions do not nest"},
    ReferenceQuery{"avg(sum(foo))", "a name with a function", "",
                   "at byte 7: functions do not nest"},
    ReferenceQuery{"sum(sum(foo))", "a name with a function", "",
                   "at byte 7: functions do not nest"},
    ReferenceQuery{"foo{a!=1}", "a label a!, which all match", R"(sum(foo{a!="1"}))", ""},
    ReferenceQuery{R"(foo{a=~"x.*"})", "a value ~\"x.*", R"(sum(foo{a=~"x.*"}))", ""},
    ReferenceQuery{"foo{a=}", "as meant", R"(sum(foo{a=""}))", ""},
    ReferenceQuery{"foo{=1}", "an empty label name", "",
                   "at byte 4: unexpected \"=\", want a label name"},
    ReferenceQuery{"{a=1}", "an empty metric name", "",
                   "at byte 0: unexpected \"{\", want a metric name"},
    ReferenceQuery{"foo{a=1}bar", "the tail is ignored", "",
                   "at byte 8: unexpected \"b\", want the end"},
    ReferenceQuery{"foo{a=1})", "the tail is ignored", "",
                   "at byte 8: unexpected \")\", want the end"},
    ReferenceQuery{"sum(foo{a=1}", "a name with a function", "",
                   "at byte 12: unexpected end of text, want \")\""},
    ReferenceQuery{"rate(foo[1m])", "a name of it all", "",
                   "at byte 0: unknown function \"rate\", want sum, avg, min, max or count"},
    ReferenceQuery{"SUM(foo)", "a name of it all", "",
                   "at byte 0: unknown function \"SUM\", want sum, avg, min, max or count"},
    ReferenceQuery{"sum (foo)", "a name of it all", "",
                   "at byte 4: unexpected \"(\", want the end"},
    ReferenceQuery{"sum by (x) (foo)", "a name of it all", "",
                   "at byte 4: unexpected \"b\", want the end"},
    ReferenceQuery{"sum( foo )", "a name with blanks", "sum(foo)", ""},
    ReferenceQuery{"foo {a=1}", "a name with blanks", R"(sum(foo{a="1"}))", ""},
    ReferenceQuery{"sum(foo) + sum(bar)", "a name with most of it", "",
                   "at byte 9: unexpected \"+\", want the end"},
    ReferenceQuery{"  ", "an empty metric name", "",
                   "at byte 2: unexpected end of text, want a metric name"},
    ReferenceQuery{"", "an error", "", "at byte 0: unexpected end of text, want a metric name"},
    ReferenceQuery{"foo{}", "an error", "", "at byte 4: unexpected \"}\", want a label name"},
    ReferenceQuery{"foo{", "an error", "", "at byte 4: unexpected end of text, want a label name"},
    ReferenceQuery{"foo}", "an error", "", "at byte 3: unexpected \"}\", want the end"},
    ReferenceQuery{"}{", "an error", "", "at byte 0: unexpected \"}\", want a metric name"},
    ReferenceQuery{"foo{a}", "an error", "", "at byte 5: unexpected \"}\", want one of = != =~ !~"},
    ReferenceQuery{"foo{a:1}", "an error", "",
                   "at byte 7: unexpected \"}\", want one of = != =~ !~"},
    ReferenceQuery{"foo{a==1}", "an error", "",
                   "at byte 6: unexpected \"=\": quote values that hold it"},
    ReferenceQuery{"foo{a=1,}", "an error", "", "at byte 8: unexpected \"}\", want a label name"},
    ReferenceQuery{R"(foo{a="x,y"})", "an error", R"(sum(foo{a="x,y"}))", ""},
    ReferenceQuery{"foo{a=b=c}", "an error", "",
                   "at byte 7: unexpected \"=\": quote values that hold it"},
    ReferenceQuery{"foo{a=1}{b=2}", "an error", "", "at byte 8: unexpected \"{\", want the end"},
    ReferenceQuery{"}", "the process dies", "", "at byte 0: unexpected \"}\", want a metric name"},
    ReferenceQuery{"}foo", "the process dies", "",
                   "at byte 0: unexpected \"}\", want a metric name"},
    ReferenceQuery{"sum(})", "the process dies", "",
                   "at byte 4: unexpected \"}\", want a metric name"},
};

// The verdicts of its admission policy's regular expression.
inline constexpr std::array policy_queries{
    ReferenceQuery{"vllm:num_requests_running", "ok", "sum(vllm:num_requests_running)", ""},
    ReferenceQuery{R"(sum(x{namespace="ns", deployment="d"}))", "ok",
                   R"(sum(x{namespace="ns",deployment="d"}))", ""},
    ReferenceQuery{"foo-bar", "ok", "sum(foo-bar)", ""},
    ReferenceQuery{"foo)", "ok", "", "at byte 3: unexpected \")\", want the end"},
    ReferenceQuery{"sum(foo", "ok", "", "at byte 7: unexpected end of text, want \")\""},
    ReferenceQuery{"foo{a!=1}", "ok", R"(sum(foo{a!="1"}))", ""},
    ReferenceQuery{"foo{a=~x.*}", "ok", R"(sum(foo{a=~"x.*"}))", ""},
    ReferenceQuery{"foo{http.method=GET}", "ok", R"(sum(foo{http.method="GET"}))", ""},
    ReferenceQuery{"foo.bar", "denied", "sum(foo.bar)", ""},
    ReferenceQuery{"a/b", "denied", "sum(a/b)", ""},
    ReferenceQuery{"_foo", "denied", "sum(_foo)", ""},
    ReferenceQuery{"foo{}", "denied", "", "at byte 4: unexpected \"}\", want a label name"},
    ReferenceQuery{"foo{a=1,}", "denied", "", "at byte 8: unexpected \"}\", want a label name"},
    ReferenceQuery{"foo{a==1}", "denied", "",
                   "at byte 6: unexpected \"=\": quote values that hold it"},
    ReferenceQuery{"sum(avg(foo))", "denied", "", "at byte 7: functions do not nest"},
    ReferenceQuery{"rate(foo[1m])", "denied", "",
                   "at byte 0: unknown function \"rate\", want sum, avg, min, max or count"},
    ReferenceQuery{"sum( foo )", "denied", "sum(foo)", ""},
    ReferenceQuery{"foo {a=1}", "denied", R"(sum(foo{a="1"}))", ""},
    ReferenceQuery{"SUM(foo)", "denied", "",
                   "at byte 0: unknown function \"SUM\", want sum, avg, min, max or count"},
    ReferenceQuery{"foo{url=/a?b=c}", "denied", "",
                   "at byte 12: unexpected \"=\": quote values that hold it"},
    ReferenceQuery{"}", "denied", "", "at byte 0: unexpected \"}\", want a metric name"},
};

}  // namespace tsdb::testing
