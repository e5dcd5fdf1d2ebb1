#include "tsdb/metric_query.h"

#include <gtest/gtest.h>

#include "tsdb/testing/reference_queries.h"

namespace tsdb {
namespace {

struct Good {
  const char* text;
  const char* want;  // as to_string() writes it
};

const Good good[] = {
    {"foo{a=x y , b=2}", R"(sum(foo{a="x y",b="2"}))"},
    {"\n foo\t", "sum(foo)"},
    {"foo {a=1} ", R"(sum(foo{a="1"}))"},
    {"count( foo{ b=\"2\" } )", R"(count(foo{b="2"}))"},
    {"sum", "sum(sum)"},
    {"count{a=1}", R"(sum(count{a="1"}))"},
    {"max(names_a.b/c-d:e{k=x})", R"(max(names_a.b/c-d:e{k="x"}))"},
    {"größe", "sum(größe)"},
    {"foo{a !~ 'z|y'}", R"(sum(foo{a!~"z|y"}))"},
    {"foo{a=~x|y}", R"(sum(foo{a=~"x|y"}))"},
    {"foo{a=\"\"}", R"(sum(foo{a=""}))"},
    {"foo{a= ,b=}", R"(sum(foo{a="",b=""}))"},
    {"foo{a=1,a=1}", R"(sum(foo{a="1",a="1"}))"},
    {"foo{path=\"/a?b=c\"}", R"(sum(foo{path="/a?b=c"}))"},
    {"foo{a='say \"x\"'}", R"(sum(foo{a='say "x"'}))"},
    {"foo{a=\"it's\"}", R"(sum(foo{a="it's"}))"},
    {"foo{a=\"C:\\d\\\"}", R"(sum(foo{a="C:\d\"}))"},
    {"foo{a=\"}{\"}", R"(sum(foo{a="}{"}))"},
    {"foo{route=/users/{id}}", R"(sum(foo{route="/users/{id}"}))"},
    {"foo{u=http://h:80/p}", R"(sum(foo{u="http://h:80/p"}))"},
    {"foo{k=f(x)}", R"q(sum(foo{k="f(x)"}))q"},
    {"foo{http.method=GET, app.io/name=b}", R"(sum(foo{http.method="GET",app.io/name="b"}))"},
    {"foo{\"odd name\"=1,'a'=2}", R"(sum(foo{"odd name"="1",a="2"}))"},
    {"vllm:vllm:num_requests_waiting", "sum(vllm:vllm:num_requests_waiting)"},
    {"max(vcs_change_duration{vcs.repository.name=otel-add-on,vcs.ref.head.name=${PR_BRANCH}})",
     R"(max(vcs_change_duration{vcs.repository.name="otel-add-on",vcs.ref.head.name="${PR_BRANCH}"}))"},
};

TEST(MetricQuery, ReadsWhatTheGrammarAllows) {
  for (const auto& row : good) {
    SCOPED_TRACE(row.text);
    const auto query = parse_metric_query(row.text);
    ASSERT_TRUE(query) << query.error().what;
    EXPECT_EQ(to_string(*query), row.want);
    EXPECT_EQ(parse_metric_query(to_string(*query)), query);
  }
}

struct Bad {
  const char* text;
  const char* why;
};

const Bad bad[] = {
    {"()", "at byte 0: unknown function \"\", want sum, avg, min, max or count"},
    {"sum()", "at byte 4: unexpected \")\", want a metric name"},
    {"5", "at byte 0: a metric name begins with a letter"},
    {"foo{ }", "at byte 5: unexpected \"}\", want a label name"},
    {"foo{,}", "at byte 4: unexpected \",\", want a label name"},
    {"foo{\"\"=1}", "at byte 4: unexpected \"\"\", want a label name"},
    {"foo{a b=1}", "at byte 6: unexpected \"b\", want one of = != =~ !~"},
    {"foo{a~\"x\"}", "at byte 5: unexpected \"~\", want one of = != =~ !~"},
    {"foo{a<=5}", "at byte 5: unexpected \"<\", want one of = != =~ !~"},
    {"foo{a=1 b=2}", "at byte 9: unexpected \"=\": quote values that hold it"},
    {"foo{a=1;b=2}", "at byte 9: unexpected \"=\": quote values that hold it"},
    {"foo{a={x,y}}", "at byte 8: unexpected \",\": quote values that hold it"},
    {"foo{a=1,,b=2}", "at byte 8: unexpected \",\", want a label name"},
    {"foo{a=1,b}", "at byte 9: unexpected \"}\", want one of = != =~ !~"},
    {"foo{a=1", "at byte 7: unexpected end of text, want \",\" or \"}\""},
    {"foo{a=\"1}", "at byte 6: the quote is never closed"},
    {"foo{a=\"1\"2}", "at byte 9: unexpected \"2\", want \",\" or \"}\""},
    {"foo{a=1}}", "at byte 8: unexpected \"}\", want the end"},
    {"sum(foo))", "at byte 8: unexpected \")\", want the end"},
    {"foo) + sum(foo", "at byte 3: unexpected \")\", want the end"},
    {"foo + foo", "at byte 4: unexpected \"+\", want the end"},
    {"foo > 5", "at byte 4: unexpected \">\", want the end"},
    {"stddev(foo)", "at byte 0: unknown function \"stddev\", want sum, avg, min, max or count"},
    {"foo[1m]", "at byte 3: no ranges here: use operationOverTime and window"},
    {"foo{a=~\"(\"}", "at byte 7: bad regular expression: missing ): ("},
    {"foo{a!~\"[x\"}", "at byte 7: bad regular expression: missing ]: [x"},
};

TEST(MetricQuery, RefusesEverythingElseAndSaysWhere) {
  for (const auto& row : bad) {
    SCOPED_TRACE(row.text);
    const auto query = parse_metric_query(row.text);
    ASSERT_FALSE(query) << to_string(*query);
    EXPECT_EQ(query.error(), (Error{Code::invalid, row.why}));
  }
}

// One row of a table of the reference.
void expect_as_told(const testing::ReferenceQuery& row) {
  SCOPED_TRACE(row.text);
  const auto query = parse_metric_query(row.text);
  if (!row.why.empty()) {
    ASSERT_FALSE(query) << to_string(*query);
    EXPECT_EQ(query.error(), (Error{Code::invalid, std::string(row.why)}));
    return;
  }
  ASSERT_TRUE(query) << query.error().what;
  EXPECT_EQ(to_string(*query), row.reads);
  EXPECT_EQ(parse_metric_query(to_string(*query)), query);
}

TEST(MetricQuery, ReadsOrRefusesEachRowOfOtelAddOnsGrammar) {
  for (const auto& row : testing::grammar_queries) expect_as_told(row);
}

TEST(MetricQuery, ReadsOrRefusesEachRowOfOtelAddOnsPolicy) {
  for (const auto& row : testing::policy_queries) expect_as_told(row);
}

TEST(MetricQuery, RefusesWhatIsTooLong) {
  EXPECT_FALSE(parse_metric_query(std::string(65'537, 'a')));
  std::string many = "foo{a=1";
  for (int i = 0; i < 256; ++i) many += ",a=1";
  EXPECT_EQ(parse_metric_query(many + "}").error().what, "at byte 1031: too many matchers");
}

TEST(Operation, ReadsItsSixNames) {
  for (const char* name : {"last_one", "min", "max", "avg", "count", "rate"}) {
    ASSERT_TRUE(parse_operation(name)) << name;
    EXPECT_EQ(to_string(*parse_operation(name)), name);
  }
  for (const char* name : {"", "sum", "lastone", "avgg", "RATE", " rate"}) {
    EXPECT_EQ(parse_operation(name).error().code, Code::invalid) << name;
  }
}

TEST(FoldName, TurnsDotsAndSlashesIntoUnderscores) {
  EXPECT_EQ(fold_name("http.server/a-b:c"), "http_server_a-b:c");
}

}  // namespace
}  // namespace tsdb
