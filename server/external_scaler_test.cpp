#include "server/external_scaler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>

#include "base/testing/fake_clock.h"
#include "scalers/testing/reference_metadata.h"
#include "server/testing/rest_fixture.h"

namespace server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

ScaledObjectRef object(scalers::kedify_otel::Metadata metadata) {
  return {.name = "mail", .ns = "shop", .metadata = std::move(metadata)};
}

const scalers::kedify_otel::Metadata queue{{"metricQuery", "sum(queue_depth{queue=mail})"},
                                           {"targetValue", "2.5"}};

TEST(ExternalScaler, AnswersItsThreeMethods) {
  testing::RestFixture feed;
  feed.send("queue.depth", 41.2);
  ExternalScaler scaler({feed.store, feed.clock});
  EXPECT_EQ(scaler.is_active(object(queue)), true);
  const auto spec = scaler.metric_spec(object(queue));
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->metric_name, "shop-mail");
  EXPECT_EQ(spec->target, 2.5);
  const auto value = scaler.metric_value({.object = object(queue), .metric_name = "s0-shop-mail"});
  ASSERT_TRUE(value);
  EXPECT_EQ(value->metric_name, "s0-shop-mail");
  EXPECT_EQ(value->value, 41.2);
}

TEST(ExternalScaler, IsActiveAboveTheActivationValueOnly) {
  testing::RestFixture feed;
  feed.send("queue_depth", 40);
  ExternalScaler scaler({feed.store, feed.clock});
  auto metadata = queue;
  metadata["activationTargetValue"] = "40";
  EXPECT_EQ(scaler.is_active(object(metadata)), false);
  metadata["activationTargetValue"] = "39.5";
  EXPECT_EQ(scaler.is_active(object(metadata)), true);
}

TEST(ExternalScaler, RefusesToPretend) {
  struct Case {
    const char* name;
    double value;
    double ago;
    Code want;
  };
  const Case cases[] = {
      {"absent", 1, -1, Code::unavailable},
      {"stale", 1, 599, Code::unavailable},
      {"not a number", std::numeric_limits<double>::quiet_NaN(), 1, Code::unavailable},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    testing::RestFixture feed;
    if (c.ago >= 0) feed.send("queue_depth", c.value, c.ago);
    feed.clock.advance(std::chrono::seconds(5));
    ExternalScaler scaler({feed.store, feed.clock});
    const auto value = scaler.metric_value({.object = object(queue), .metric_name = "x"});
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().code, c.want);
    EXPECT_THAT(value.error().what, HasSubstr("queue_depth"));
    EXPECT_EQ(scaler.is_active(object(queue)).error().code, c.want);
  }
}

TEST(ExternalScaler, SubstitutesOnlyForAbsentData) {
  testing::RestFixture feed;
  ExternalScaler scaler({feed.store, feed.clock}, {.value_if_not_found = 7});
  const MetricsRequest request{.object = object(queue), .metric_name = "x"};
  EXPECT_EQ(scaler.metric_value(request)->value, 7);
  feed.send("queue_depth", 1, 599);
  feed.clock.advance(std::chrono::seconds(5));
  EXPECT_EQ(scaler.metric_value(request).error().code, Code::unavailable);
  ExternalScaler strict({feed.store, feed.clock},
                        {.error_if_not_found = true, .value_if_not_found = 7});
  EXPECT_EQ(strict.metric_value({.object = object({{"metricQuery", "none"}})}).error().code,
            Code::unavailable);
}

// Each method makes the store keep the metric; until points come there is no answer.
TEST(ExternalScaler, WhateverIsAskedItsMetricIsWantedFromThenOn) {
  using Ask = std::function<bool(ExternalScaler&)>;  // whether there was an answer
  const std::pair<const char*, Ask> cases[] = {
      {"GetMetricSpec",
       [](ExternalScaler& scaler) { return !scaler.metric_spec(object(queue)).has_value(); }},
      {"IsActive",
       [](ExternalScaler& scaler) { return scaler.is_active(object(queue)).has_value(); }},
      {"GetMetrics", [](ExternalScaler& scaler) {
         return scaler.metric_value({.object = object(queue), .metric_name = "x"}).has_value();
       }}};
  for (const auto& [name, ask] : cases) {
    SCOPED_TRACE(name);
    base::testing::FakeClock clock;
    base::metrics::Registry registry;
    tsdb::Shards store({.wanted = {.all = false}}, 4, {}, registry);
    ExternalScaler scaler({store, clock});
    EXPECT_FALSE(store.wanted().wants("queue.depth"));
    EXPECT_FALSE(ask(scaler));
    EXPECT_TRUE(store.wanted().wants("queue.depth"));
    EXPECT_FALSE(store.wanted().wants("queue.length"));
  }
}

TEST(ExternalScaler, ShowsWhatItReads) {
  testing::RestFixture feed;
  feed.send("queue_depth", 41);
  ExternalScaler scaler({.store = feed.store, .clock = feed.clock, .reads = &feed.reads});
  auto metadata = queue;
  metadata["clampMax"] = "10";
  const MetricsRequest request{.object = object(metadata)};
  EXPECT_TRUE(scaler.metric_value(request));
  EXPECT_TRUE(scaler.metric_value(request));
  EXPECT_FALSE(scaler.metric_value({.object = object({{"metricQuery", "not_there"}})}));
  const std::string text = feed.registry.render();
  EXPECT_THAT(text, HasSubstr("keda_otel_scaler_metric_points_read{name=\"queue_depth\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("metric_value{aggregation=\"sum\",labels=\"map[queue:mail]\",name="
                              "\"queue_depth\",timeOp=\"last_one\"} 41\n"));
  EXPECT_THAT(text,
              HasSubstr("namespace=\"shop\",scaledObject=\"mail\",timeOp=\"last_one\"} 10\n"));
  EXPECT_THAT(text, Not(HasSubstr("not_there")));
}

Result<std::string> call(testing::RestFixture& feed, ExternalScaler& scaler,
                         const std::string& method, std::string request) {
  net::grpc::Services services;
  scaler.add_to(services);
  const auto* found = services.find("/externalscaler.ExternalScaler/" + method);
  if (found == nullptr) return fail(Code::unimplemented, method);
  std::optional<Result<std::string>> answer;
  const net::grpc::Context context{.method = method};
  const auto store = [](Task<Result<std::string>> task,
                        std::optional<Result<std::string>>& slot) -> Task<void> {
    slot.emplace(co_await std::move(task));
  };
  feed.tasks.spawn(store(std::get<net::grpc::Unary>(*found)(context, std::move(request)), answer));
  feed.run_until([&] { return answer.has_value(); });
  return *answer;
}

// The numbers of google.rpc.Code, as KEDA gets them.
constexpr int invalid_argument = 3;
constexpr int unavailable = 14;

struct Wire {
  std::optional<int> status;  // none: answered
  std::string what;
  bool operator==(const Wire&) const = default;
  friend void PrintTo(const Wire& wire, std::ostream* out) {
    *out << (wire.status ? std::to_string(*wire.status) : "answered") << ' ' << wire.what;
  }
};

Wire wire_of(const Result<std::string>& answer) {
  if (answer) return {};
  return {base::code_row(answer.error().code).grpc_status, answer.error().what};
}

// Each row of the reference by each method: refused with its error, or as far as the data go.
TEST(ExternalScaler, RefusesEachMistakeOfTheReferenceAndSaysWhere) {
  testing::RestFixture feed;
  ExternalScaler scaler({feed.store, feed.clock}, {.value_if_not_found = 7});
  auto rows = scalers::testing::reference_metadata();
  std::ranges::move(scalers::testing::reference_query_metadata(), std::back_inserter(rows));
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const std::string ref = encode(object(row.metadata));
    const std::string asked = encode(MetricsRequest{.object = object(row.metadata)});
    const Wire want = row.why.empty() ? Wire{} : Wire{invalid_argument, row.why};
    EXPECT_EQ(wire_of(call(feed, scaler, "GetMetricSpec", ref)), want);
    const bool only_spec = row.why == "missing targetValue";
    EXPECT_EQ(wire_of(call(feed, scaler, "IsActive", ref)), only_spec ? Wire{} : want);
    EXPECT_EQ(wire_of(call(feed, scaler, "GetMetrics", asked)), only_spec ? Wire{} : want);
  }
}

// The matrix of missing data: nothing of it is a zero.
TEST(ExternalScaler, MissingDataAreUnavailable) {
  testing::RestFixture feed;
  ExternalScaler scaler({feed.store, feed.clock});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  feed.send("old", 5, 590, "a");
  feed.send("nan", nan, 1, "a");
  feed.clock.advance(std::chrono::seconds(20));
  feed.send("known", 5, 1, "a");
  struct Case {
    const char* name;
    const char* query;
    const char* operation;
    const char* what;  // empty: answered
  };
  const Case cases[] = {
      {"never received", "never", "last_one", "sum(never): no series matches"},
      {"no series matches", "known{queue=b}", "last_one",
       "sum(known{queue=\"b\"}): no series matches"},
      {"all matches stale", "old", "last_one",
       "sum(old): the newest sample is older than the "
       "window (2027-01-15T07:50:10Z)"},
      {"exact match stale", "old{queue=a}", "last_one",
       "sum(old{queue=\"a\"}): the newest sample is older than the window "
       "(2027-01-15T07:50:10Z)"},
      {"min of one sample", "known{queue=a}", "min", ""},
      {"min of one sample, by no label", "known", "min", ""},
      {"not a number", "nan", "last_one", "sum(nan): the result is not a number"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const scalers::Metadata metadata{{"metricQuery", c.query}, {"operationOverTime", c.operation}};
    const std::string what = c.what;
    const Wire want = what.empty() ? Wire{} : Wire{unavailable, "metricQuery " + what};
    EXPECT_EQ(wire_of(call(feed, scaler, "IsActive", encode(object(metadata)))), want);
    EXPECT_EQ(wire_of(call(feed, scaler, "GetMetrics",
                           encode(MetricsRequest{.object = object(metadata)}))),
              want);
  }
}

TEST(ExternalScaler, SpeaksProtobuf) {
  testing::RestFixture feed;
  feed.send("queue_depth", 41.2);
  ExternalScaler scaler({feed.store, feed.clock});
  EXPECT_EQ(call(feed, scaler, "IsActive", encode(object(queue))), std::string("\x08\x01"));
  const std::string name = "shop-mail";
  EXPECT_EQ(call(feed, scaler, "GetMetricSpec", encode(object(queue))),
            "\x0a\x16\x0a\x09" + name + "\x10\x03\x19" + std::string("\0\0\0\0\0\0\x04\x40", 8));
  const auto value = call(feed, scaler, "GetMetrics",
                          encode(MetricsRequest{.object = object(queue), .metric_name = name}));
  EXPECT_THAT(*value, HasSubstr("\x0a\x09" + name + "\x10\x2a\x19"));
  EXPECT_EQ(call(feed, scaler, "IsActive", "\xff").error().code, Code::invalid);
}

TEST(ExternalScaler, KeepsAnInactiveValueThroughSilence) {
  testing::RestFixture feed;
  ExternalScaler scaler({feed.store, feed.clock});
  const auto silence = [&feed] {
    feed.clock.advance(std::chrono::hours(1));
    feed.store.tick(feed.clock.now());
  };
  const auto ask = [&](scalers::kedify_otel::Metadata more) {
    more.insert(queue.begin(), queue.end());
    return scaler.metric_value({.object = object(more)});
  };
  feed.send("queue_depth", 0);
  EXPECT_EQ(ask({})->value, 0);
  silence();
  EXPECT_EQ(ask({})->value, 0);
  EXPECT_EQ(scaler.is_active(object(queue)), false);
  feed.send("queue_depth", 4);
  EXPECT_EQ(ask({})->value, 4);
  silence();
  EXPECT_EQ(ask({}).error().code, Code::unavailable);
  EXPECT_EQ(scaler.is_active(object(queue)).error().code, Code::unavailable);
  EXPECT_EQ(ask({{"activationTargetValue", "4"}})->value, 4);
}

// A key that nobody reads is told of once for each object, whichever method brings it, also where
// something else is wrong.
TEST(ExternalScaler, WarnsOnceOfUnknownKeys) {
  testing::RestFixture feed;
  std::vector<std::string> lines;
  ExternalScaler scaler({.store = feed.store,
                         .clock = feed.clock,
                         .log = Log::to(base::LogLevel::warn, base::LogFormat::text,
                                        [&](std::string_view line) { lines.emplace_back(line); }),
                         .warnings = &feed.warnings});
  const auto ask_all = [&](const ScaledObjectRef& asked) {
    for (int i = 0; i < 3; ++i) {
      static_cast<void>(call(feed, scaler, "IsActive", encode(asked)));
      static_cast<void>(call(feed, scaler, "GetMetricSpec", encode(asked)));
      static_cast<void>(call(feed, scaler, "GetMetrics", encode(MetricsRequest{.object = asked})));
    }
  };
  auto metadata = queue;
  metadata["clampmax"] = "3";
  metadata["scalerAddress"] = "otel:4318";
  ask_all(object(metadata));
  metadata["Window"] = "5m";
  metadata["clampMin"] = "typo";
  ask_all(object(metadata));
  ScaledObjectRef other = object(metadata);
  other.name = "post";
  ask_all(other);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[0], AllOf(HasSubstr("object=mail"), HasSubstr("keys=clampmax")));
  EXPECT_THAT(lines[1], AllOf(HasSubstr("object=mail"), HasSubstr("keys=Window")));
  EXPECT_THAT(lines[2], AllOf(HasSubstr("object=post"), HasSubstr("keys=Window,clampmax")));
  const auto shown = json::parse(feed.get("/api/v1/warnings").body);
  const auto& items = json::find(*shown, "items")->get_array();
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(json::text_at(items[0], "name"), "mail");
  EXPECT_EQ(json::print(*json::find(items[0], "unknownKeys")), R"(["Window","clampmax"])");
  EXPECT_EQ(json::text_at(items[1], "name"), "post");
}

}  // namespace
}  // namespace server
