// Vectors with known answers: how operations and aggregations compute.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tsdb/testing/feed.h"

namespace tsdb {
namespace {

using testing::Feed;
using testing::Sent;

struct Vector {
  int retention;
  int step;
  std::vector<double> values;  // the last one a step before now
  const char* operation;
  double want;
};

// Retention is half a second longer than in otel-add-on's table, which had whole seconds: a sample
// of just that age counts.
const Vector vectors[] = {
    {60, 10, {1, 2, 3, 4, 5}, "avg", 3},
    {25, 10, {1, 2, 3, 4, 5}, "avg", 4.5},
    {60, 10, {99, 2, 1, 4, 5}, "min", 1},
    {60, 10, {99, 2, 1, 4, 5}, "last_one", 5},
    {35, 10, {1, 2, 3, 4, 5}, "min", 3},
    {80, 10, {1, 2, 3, 4, 5, 6}, "count", 6},
    {200, 10, {0, 10, 20, 30, 40, 50, 60}, "rate", 1},
    {200, 20, {0, 10, 20, 30, 40, 50, 60, 70}, "rate", 0.5},
    {200, 10, {10, 30, 50, 70, 90, 110}, "rate", 2},
    {500, 30, {0, 100, 200, 300, 400, 500}, "rate", 10.0 / 3},
    {60, 10, {0, 100, 300, 310, 320, 330, 340, 350}, "rate", 1},
    {200, 10, {1, 3, 4, 6, 7, 9, 10, 0, 1}, "rate", 0.125},
    {60, 1, {3, 2, 1, 6, 3, 2, 3}, "last_one", 3},
    {60, 1, {3, 2, 1, 6, 3, 2, 3}, "min", 1},
    {60, 1, {3, 2, 1, 6, 3, 2, 3}, "max", 6},
    {60, 1, {3, 2, 1, 6, 3, 2, 3}, "avg", 20.0 / 7},
    {60, 1, {3, 2, 1, 6, 3, 2, 3}, "count", 7},
    {60, 1, {1, 2, 3, 4, 5, 6, 7}, "rate", 1},
};

TEST(Golden, OperationsOverTime) {
  for (const auto& row : vectors) {
    SCOPED_TRACE(::testing::Message()
                 << row.operation << " of " << ::testing::PrintToString(row.values));
    Feed feed({.retention = std::chrono::seconds(row.retention)});
    double ago = row.step * static_cast<double>(row.values.size());
    for (const double value : row.values) {
      feed.send(testing::counter({.metric = "m", .value = Value::of(value), .ago = ago}));
      ago -= row.step;
    }
    const Answer answer = feed.ask("m", row.operation);
    EXPECT_EQ(answer.state, Answer::State::value);
    EXPECT_DOUBLE_EQ(answer.value, row.want);
  }
}

TEST(Golden, AveragesOfTwoSeriesAddUp) {
  Feed feed;
  for (const double value : {1, 2, 3, 4, 5, 6}) {
    feed.send({.metric = "m",
               .value = Value::of(value),
               .ago = 10 - value,
               .attributes = {{"p", "a"}, {"x", "1"}}});
  }
  for (const double value : {1, 2, 4}) {
    feed.send({.metric = "m",
               .value = Value::of(value),
               .ago = 10 - value,
               .attributes = {{"p", "b"}, {"x", "1"}}});
  }
  EXPECT_DOUBLE_EQ(feed.ask("sum(m{x=1})", "avg").value, 3.5 + 7.0 / 3);
}

struct Asked {
  const char* query;
  double want;
};

TEST(Golden, AggregationsOverSeries) {
  Feed feed;
  const Labels sets[] = {{{"a", "1"}, {"b", "1"}, {"c", "1"}},
                         {{"a", "1"}, {"b", "2"}, {"c", "1"}},
                         {{"a", "1"}, {"b", "3"}, {"c", "2"}},
                         {{"a", "1"}, {"b", "4"}, {"c", "2"}}};
  for (int i = 0; i < 4; ++i)
    feed.send({.metric = "v", .value = Value::of(i + 1), .attributes = sets[i]});
  const Asked asked[] = {{"sum(v{a=1,c=1})", 3}, {"avg(v{a=1,c=1})", 1.5}, {"min(v{a=1,c=1})", 1},
                         {"sum(v{a=1,c=2})", 7}, {"avg(v{a=1,c=2})", 3.5}, {"min(v{a=1,c=2})", 3},
                         {"sum(v{a=1})", 10},    {"avg(v{a=1})", 2.5},     {"min(v{a=1})", 1},
                         {"max(v{a=1})", 4}};
  for (const auto& row : asked) EXPECT_DOUBLE_EQ(feed.ask(row.query).value, row.want) << row.query;
}

TEST(Golden, CountsOfSeries) {
  Feed feed;
  for (const auto& labels : {Labels{{"a", "1"}, {"b", "2"}}, Labels{{"a", "1"}, {"b", "3"}},
                             Labels{{"a", "1"}, {"b", "4"}}, Labels{{"a", "2"}, {"b", "2"}}}) {
    feed.send({.metric = "n", .value = Value::of(7), .attributes = labels});
  }
  const Asked asked[] = {
      {"count(n{a=1})", 3}, {"count(n{b=2})", 2}, {"count(n)", 4}, {"count(n{a=1,b=2})", 1}};
  for (const auto& row : asked) EXPECT_DOUBLE_EQ(feed.ask(row.query).value, row.want) << row.query;
}

TEST(Golden, SumsAndAveragesDoNotOverflowOnTheWay) {
  Feed feed;
  feed.send({.metric = "h", .value = Value::of(1.7e308), .ago = 3});
  feed.send({.metric = "h", .value = Value::of(1.5e308), .ago = 2});
  feed.send({.metric = "h", .value = Value::of(-1.7e308), .ago = 1});
  EXPECT_DOUBLE_EQ(feed.ask("h", "avg").value, 0.5e308);
  feed.send({.metric = "s", .value = Value::of(1.7e308), .attributes = {{"p", "a"}}});
  feed.send({.metric = "s", .value = Value::of(1.7e308), .attributes = {{"p", "b"}}});
  EXPECT_EQ(feed.ask("s").state, Answer::State::not_a_number);
  EXPECT_DOUBLE_EQ(feed.ask("avg(s)").value, 1.7e308);
}

TEST(Golden, IncreasesOfBigIntegersAreExact) {
  Feed feed;
  const std::int64_t big = (1LL << 62) + 1;
  feed.send(testing::counter({.metric = "c", .value = Value::of_int(big), .ago = 11}));
  feed.send(testing::counter({.metric = "c", .value = Value::of_int(big + 3), .ago = 1}));
  EXPECT_EQ(feed.ask("c", "rate").value, 0.3);
}

}  // namespace
}  // namespace tsdb
