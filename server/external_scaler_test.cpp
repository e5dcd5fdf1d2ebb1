#include "server/external_scaler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/testing/fake_clock.h"
#include "server/testing/rest_fixture.h"

namespace server {
namespace {

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

TEST(ExternalScaler, NamesTheKeyThatCannotBeRead) {
  testing::RestFixture feed;
  ExternalScaler scaler({feed.store, feed.clock});
  struct Case {
    scalers::kedify_otel::Metadata metadata;
    const char* want;
  };
  const Case cases[] = {
      {{{"targetValue", "5"}}, "metricQuery"},
      {{{"metricQuery", "a{"}, {"targetValue", "5"}}, "metricQuery"},
      {{{"metricQuery", "a"}, {"targetValue", "100m"}}, "targetValue"},
      {{{"metricQuery", "a"}}, "targetValue"},
      {{{"metricQuery", "a"}, {"targetValue", "5"}, {"clampMax", "x"}}, "clampMax"},
      {{{"metricQuery", "a"}, {"targetValue", "5"}, {"operationOverTime", "rte"}},
       "operationOverTime"},
  };
  for (const auto& c : cases) {
    const auto spec = scaler.metric_spec(object(c.metadata));
    ASSERT_FALSE(spec) << c.want;
    EXPECT_EQ(spec.error().code, Code::invalid);
    EXPECT_THAT(spec.error().what, HasSubstr(c.want));
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

TEST(ExternalScaler, WarnsOnceOfUnknownKeys) {
  testing::RestFixture feed;
  std::vector<std::string> lines;
  ExternalScaler scaler({.store = feed.store,
                         .clock = feed.clock,
                         .log = Log::to(base::LogLevel::warn, base::LogFormat::text,
                                        [&](std::string_view line) { lines.emplace_back(line); }),
                         .warnings = &feed.warnings});
  auto metadata = queue;
  metadata["clampmax"] = "3";
  metadata["scalerAddress"] = "otel:4318";
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(scaler.metric_spec(object(metadata)));
  metadata["Window"] = "5m";
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(scaler.metric_spec(object(metadata)));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0], HasSubstr("keys=clampmax"));
  EXPECT_THAT(lines[1], HasSubstr("keys=Window"));
  const auto shown = json::parse(feed.get("/api/v1/warnings").body);
  const auto& items = json::find(*shown, "items")->get_array();
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(json::text_at(items[0], "name"), "mail");
  EXPECT_EQ(json::print(*json::find(items[0], "unknownKeys")), R"(["Window","clampmax"])");
}

}  // namespace
}  // namespace server
