#include "server/read_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/testing/fake_clock.h"

namespace server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using State = tsdb::Answer::State;

tsdb::Question question(std::string_view query, std::string_view operation = "last_one") {
  return {.query = *tsdb::parse_metric_query(query),
          .operation = *tsdb::parse_operation(operation)};
}

tsdb::Answer answer(double value, State state = State::value) {
  return {.state = state, .value = value};
}

class ReadMetricsTest : public ::testing::Test {
 protected:
  void read(std::string_view query, double value = 1) {
    metrics.read(question(query), answer(value), value);
  }
  std::string text() const { return registry.render(); }

  base::metrics::Registry registry;
  base::testing::FakeClock clock;
  ReadMetrics metrics{registry, clock, {.series_max = 3, .idle_max = std::chrono::minutes(10)}};
};

// What a dashboard of otel-add-on finds, byte for byte.
TEST_F(ReadMetricsTest, SpellEverythingAsOtelAddOnDoes) {
  const auto asked = question("avg(http.server/requests{b=2, a=1})", "rate");
  metrics.read(asked, answer(12.5), 12.5);
  metrics.read(asked, answer(12.5), 12.5);
  metrics.clamped({"shop", "mail"}, asked, 10);
  metrics.read(question("queue_depth"), answer(3), 3);
  EXPECT_EQ(
      text(),
      "# HELP keda_otel_scaler_metric_points_read Questions answered from data, by metric\n"
      "# TYPE keda_otel_scaler_metric_points_read counter\n"
      "keda_otel_scaler_metric_points_read{name=\"http_server_requests\"} 2\n"
      "keda_otel_scaler_metric_points_read{name=\"queue_depth\"} 1\n"
      "# HELP keda_otel_scaler_metric_value Last value read, before clamping\n"
      "# TYPE keda_otel_scaler_metric_value gauge\n"
      "keda_otel_scaler_metric_value{aggregation=\"avg\",labels=\"map[a:1 b:2]\","
      "name=\"http_server_requests\",timeOp=\"rate\"} 12.5\n"
      "keda_otel_scaler_metric_value{aggregation=\"sum\",labels=\"map[]\","
      "name=\"queue_depth\",timeOp=\"last_one\"} 3\n"
      "# HELP keda_otel_scaler_metric_value_clamped Last value that the external scaler found and "
      "answered, after clamping\n"
      "# TYPE keda_otel_scaler_metric_value_clamped gauge\n"
      "keda_otel_scaler_metric_value_clamped{aggregation=\"avg\",labels=\"map[a:1 b:2]\","
      "name=\"http_server_requests\",namespace=\"shop\",scaledObject=\"mail\",timeOp=\"rate\"} "
      "10\n");
}

TEST_F(ReadMetricsTest, MatchersAreShownAsTheyAreWritten) {
  read("m{a=1, b!=2, c=~\"x|y\", d!~z}");
  EXPECT_THAT(text(), HasSubstr("labels=\"map[a:1 b!=2 c=~x|y d!~z]\""));
}

// Defect 47: reads count misses.
TEST_F(ReadMetricsTest, Defect47WhatIsNotFoundIsNoRead) {
  for (const auto state : {State::absent, State::stale}) {
    metrics.read(question("nothing"), answer(0, state), {});
  }
  EXPECT_THAT(text(), Not(HasSubstr("nothing")));
  metrics.read(question("odd"),
               answer(std::numeric_limits<double>::quiet_NaN(), State::not_a_number), {});
  EXPECT_THAT(text(), HasSubstr("points_read{name=\"odd\"} 1\n"));
  EXPECT_THAT(text(), Not(HasSubstr("metric_value")));
}

TEST_F(ReadMetricsTest, ASubstitutedValueIsShownAsRead) {
  metrics.read(question("nothing"), answer(0, State::absent), 7);
  EXPECT_THAT(text(), HasSubstr("name=\"nothing\",timeOp=\"last_one\"} 7\n"));
  EXPECT_THAT(text(), Not(HasSubstr("points_read{")));
}

// Defect 47: stale gauge series are never removed.
TEST_F(ReadMetricsTest, Defect47AGaugeGoesWithItsValue) {
  read("m", 5);
  metrics.clamped({"shop", "mail"}, question("m"), 5);
  metrics.clamped({"shop", "post"}, question("m"), 5);
  metrics.read(question("m"), answer(0, State::stale), {});
  metrics.clamped({"shop", "mail"}, question("m"), {});
  EXPECT_THAT(text(), Not(HasSubstr("metric_value{")));
  EXPECT_THAT(text(), Not(HasSubstr("scaledObject=\"mail\"")));
  EXPECT_THAT(text(), HasSubstr("scaledObject=\"post\",timeOp=\"last_one\"} 5\n"));
  read("m", 6);
  EXPECT_THAT(text(), HasSubstr("name=\"m\",timeOp=\"last_one\"} 6\n"));
}

TEST_F(ReadMetricsTest, Defect47WhatNobodyAsksAnyMoreGoes) {
  read("left");
  metrics.clamped({"shop", "mail"}, question("left"), 1);
  clock.advance(std::chrono::minutes(6));
  read("asked");
  metrics.tick();
  EXPECT_THAT(text(), HasSubstr("left"));
  clock.advance(std::chrono::minutes(6));
  metrics.tick();
  EXPECT_THAT(text(), Not(HasSubstr("left")));
  EXPECT_THAT(text(), Not(HasSubstr("scaledObject")));
  EXPECT_THAT(text(), HasSubstr("points_read{name=\"asked\"} 1\n"));
}

// Defect 38: a label made of what is asked, without bound.
TEST_F(ReadMetricsTest, Defect38TheLongestUnaskedMakesRoom) {
  for (const char* query : {"a", "b", "c", "a", "d"}) {
    read(query);
    metrics.clamped({"shop", query}, question("same"), 1);
  }
  const std::string now = text();
  for (const char* kept : {"\"a\"", "\"c\"", "\"d\""}) EXPECT_THAT(now, HasSubstr(kept));
  EXPECT_THAT(now, Not(HasSubstr("\"b\"")));
  EXPECT_THAT(now, HasSubstr("points_read{name=\"a\"} 2\n"));
}

}  // namespace
}  // namespace server
