#include "otlp/receiver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/testing/fake_clock.h"
#include "net/testing/folder.h"
#include "otlp/encode.h"
#include "otlp/once.h"
#include "proto/reader.h"

namespace otlp {
namespace {

using namespace std::string_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;

constexpr const char* protobuf_type = "application/x-protobuf";
constexpr const char* json_type = "application/json";

// One gauge with a point per value of the label "n".
Request gauges(int count, std::uint64_t time_ns = 0) {
  Metric metric{.name = "g"};
  for (int i = 0; i < count; ++i) {
    metric.points.push_back(
        {.time_ns = time_ns, .value = std::int64_t{i}, .attributes = {{"n", {std::to_string(i)}}}});
  }
  return {{{.scopes = {{.metrics = {metric}}}}}};
}

class ReceiverTest : public ::testing::Test {
 protected:
  void make_store(tsdb::Options options, std::size_t shards = 1) {
    receiver_.reset();
    store_ = std::make_unique<tsdb::Shards>(options, shards, Log{}, metrics_);
    receiver_ = std::make_unique<Receiver>(ReceiverParts{*store_, clock_}, log_, metrics_);
  }

  ReceiverTest() { make_store({}); }

  net::http::Response post(std::string body, const char* type) {
    auto response = receiver_->handle({.method = "POST",
                                       .path = "/v1/metrics",
                                       .headers = {{"Content-Type", type}},
                                       .body = std::move(body),
                                       .peer = "10.0.0.1:5000"});
    EXPECT_TRUE(response);
    return response.value_or(net::http::Response{});
  }

  base::testing::FakeClock clock_;
  base::metrics::Registry metrics_;
  std::vector<std::string> lines_;
  Log log_ = Log::to(base::LogLevel::debug, base::LogFormat::text,
                     [this](std::string_view line) { lines_.emplace_back(line); });
  std::unique_ptr<tsdb::Shards> store_;
  std::unique_ptr<Receiver> receiver_;
};

TEST_F(ReceiverTest, StoresPointsOfBothEncodings) {
  const auto ns = static_cast<std::uint64_t>(clock_.now().ns);
  EXPECT_EQ(receiver_->receive(encode(gauges(3, ns)), Encoding::protobuf), "");
  EXPECT_EQ(receiver_->receive(encode_json(gauges(5, ns)), Encoding::json), "{}");
  EXPECT_EQ(store_->series_count(), 5u);
  EXPECT_THAT(metrics_.render(),
              AllOf(HasSubstr("tidewheel_otlp_points_accepted_total 8"),
                    HasSubstr(R"(otlp_requests_total{encoding="json",outcome="ok"} 1)"),
                    HasSubstr(R"(otlp_requests_total{encoding="protobuf",outcome="ok"} 1)")));
}

TEST_F(ReceiverTest, APointWithoutTimeIsOfNow) {
  ASSERT_TRUE(receiver_->receive(encode(gauges(1)), Encoding::protobuf));
  const auto rows = store_->series({}, 10'000).rows;
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_THAT(rows[0].samples, ElementsAre(std::pair(clock_.now(), 0.0)));
}

TEST_F(ReceiverTest, StandingQueriesHearOfEachRequest) {
  std::vector<double> values;
  const auto query = tsdb::parse_metric_query("sum(g)");
  ASSERT_TRUE(query);
  store_->subscribe(
      {.query = *query}, [&](const auto& a) { values.push_back(a.value); }, clock_.now());
  ASSERT_TRUE(receiver_->receive(encode(gauges(4)), Encoding::protobuf));
  EXPECT_THAT(values, ElementsAre(0.0, 6.0));
}

TEST_F(ReceiverTest, WhatNobodyWantsIsSkippedUntilSomebodyAsks) {
  make_store({.wanted = {.all = false, .always = {"kept"}}}, 4);
  Metric kept = gauges(2).resources[0].scopes[0].metrics[0];
  Metric other = kept;
  kept.name = "kept";
  Request request;
  for (const char* pod : {"a", "b", "c"})
    request.resources.push_back({.attributes = {{"pod", {std::string(pod)}}},
                                 .scopes = {{.metrics = {other, kept, other}}}});
  ASSERT_EQ(receiver_->receive(encode(request), Encoding::protobuf), "");
  ASSERT_EQ(receiver_->receive(encode_json(request), Encoding::json), "{}");
  EXPECT_EQ(store_->series_count(), 6u);
  EXPECT_THAT(metrics_.render(), AllOf(HasSubstr("tidewheel_otlp_points_accepted_total 12\n"),
                                       HasSubstr("tidewheel_otlp_skipped_metrics_total 12\n")));

  const tsdb::Question question{.query = *tsdb::parse_metric_query("count(g)")};
  EXPECT_EQ(store_->evaluate(question, clock_.now()).state, tsdb::Answer::State::absent);
  clock_.advance(std::chrono::seconds(1));
  ASSERT_EQ(receiver_->receive(encode(request), Encoding::protobuf), "");
  EXPECT_EQ(store_->evaluate(question, clock_.now()).value, 6);
  EXPECT_THAT(metrics_.render(), HasSubstr("tidewheel_otlp_skipped_metrics_total 12\n"));
}

TEST_F(ReceiverTest, ARefusedRequestSkippedNothing) {
  make_store({.wanted = {.all = false}});
  ASSERT_FALSE(receiver_->receive(encode(gauges(2)) + "\x0a\x05z", Encoding::protobuf));
  EXPECT_THAT(metrics_.render(), HasSubstr("tidewheel_otlp_skipped_metrics_total 0\n"));
}

TEST_F(ReceiverTest, NothingOfADamagedRequestIsStored) {
  const std::string body = encode(gauges(2)) + "\x0a\x05z";
  const auto received = receiver_->receive(body, Encoding::protobuf);
  ASSERT_FALSE(received);
  EXPECT_EQ(received.error().code, Code::invalid);
  EXPECT_EQ(store_->series_count(), 0u);
  EXPECT_THAT(metrics_.render(),
              HasSubstr(R"(otlp_requests_total{encoding="protobuf",outcome="invalid"} 1)"));
}

TEST_F(ReceiverTest, AFloodIsAnsweredWithPartialSuccessAndKnownSeriesGoOn) {
  make_store({.series_max = 2});
  ASSERT_EQ(receiver_->receive(encode(gauges(2)), Encoding::protobuf), "");
  clock_.advance(std::chrono::seconds(1));
  const auto answer = receiver_->receive(encode_json(gauges(5)), Encoding::json);
  EXPECT_EQ(answer, R"({"partialSuccess":{"rejectedDataPoints":"3","errorMessage":)"
                    R"("3 points dropped: 3 of new series over the series limit"}})");
  const auto listed = store_->series({}, 10'000);
  for (const auto& row : listed.rows) EXPECT_THAT(row.samples, SizeIs(2));
  EXPECT_THAT(metrics_.render(), HasSubstr(R"(points_dropped_total{reason="series_limit"} 3)"));
}

TEST_F(ReceiverTest, PartialSuccessNamesEachReason) {
  const auto now = static_cast<std::uint64_t>(clock_.now().ns);
  const Metric metric{.name = "g",
                      .points = {{.time_ns = now},
                                 {.time_ns = now, .value = 1.0},
                                 {.time_ns = now, .no_recorded_value = true},
                                 {.time_ns = 1, .value = 1.0},
                                 {.time_ns = now + 3'600'000'000'000, .value = 1.0}}};
  const auto answer =
      receiver_->receive(encode({{{.scopes = {{.metrics = {metric}}}}}}), Encoding::protobuf);
  ASSERT_TRUE(answer);
  proto::Reader response(*answer);
  ASSERT_TRUE(response.next());
  proto::Reader partial = response.message();
  ASSERT_TRUE(partial.next());
  EXPECT_EQ(partial.field(), 1u);
  EXPECT_EQ(partial.int64(), 3);
  ASSERT_TRUE(partial.next());
  EXPECT_EQ(partial.field(), 2u);
  EXPECT_EQ(partial.text(),
            "3 points dropped: 1 without a value, 1 older than the retention, "
            "1 too far in the future");
  EXPECT_THAT(metrics_.render(), HasSubstr("points_accepted_total 2"));
}

TEST_F(ReceiverTest, ADistributionIsTwoSeriesAndOnePoint) {
  const auto now = static_cast<std::uint64_t>(clock_.now().ns);
  const auto type = [](const char* name, MetricType type, std::vector<DataPoint> points) {
    return Metric{.name = name, .type = type, .points = std::move(points)};
  };
  const DataPoint both{.time_ns = now, .count = 3, .sum = 4.5};
  const DataPoint count_only{.time_ns = now, .count = 3};
  Request request = gauges(1);
  auto& list = request.resources[0].scopes[0].metrics;
  list.insert(list.begin(),
              {type("latency", MetricType::histogram, {both}),
               type("size", MetricType::exponential_histogram, {count_only}),
               type("wait", MetricType::summary, {both}), type("nothing", MetricType::none, {})});
  EXPECT_EQ(receiver_->receive(encode(request), Encoding::protobuf), "");
  std::vector<std::string> names;
  const auto listed = store_->series({}, 10'000);
  for (const auto& row : listed.rows) names.push_back(row.metric);
  EXPECT_THAT(names, IsSupersetOf(
                         {"latency_count", "latency_sum", "size_count", "wait_count", "wait_sum"}));
  EXPECT_EQ(store_->series_count(), 6u);
  EXPECT_THAT(metrics_.render(), HasSubstr("points_accepted_total 4"));
}

TEST_F(ReceiverTest, HttpAnswersInTheEncodingOfTheRequest) {
  const auto bytes = post(encode(gauges(1)), protobuf_type);
  EXPECT_EQ(bytes.status, 200);
  EXPECT_EQ(bytes.headers.find("content-type"), protobuf_type);
  EXPECT_EQ(bytes.body, "");
  const auto text = post(encode_json(gauges(1)), "Application/JSON; charset=utf-8");
  EXPECT_EQ(text.status, 200);
  EXPECT_EQ(text.headers.find("content-type"), json_type);
  EXPECT_EQ(text.body, "{}");
}

TEST_F(ReceiverTest, HttpErrorsAreAStatusInTheEncodingOfTheRequest) {
  const auto bytes = post("\x0a\x05", protobuf_type);
  EXPECT_EQ(bytes.status, 400);
  EXPECT_EQ(bytes.headers.find("content-type"), protobuf_type);
  EXPECT_EQ(bytes.body,
            "\x08\x03\x12\x12"
            "field 1: cut short");
  const auto text = post(R"({"resourceMetrics":1})", json_type);
  EXPECT_EQ(text.status, 400);
  EXPECT_EQ(text.headers.find("content-type"), json_type);
  EXPECT_EQ(text.body, R"({"code":3,"message":"resourceMetrics: not a list"})");
}

TEST_F(ReceiverTest, HttpRefusesWhatItCannotRead) {
  struct Case {
    const char* method;
    const char* path;
    net::http::Headers headers;
    int want;
  };
  const Case cases[] = {
      {"POST", "/v1/metrics", {{"Content-Type", "text/plain"}}, 415},
      {"POST", "/v1/metrics", {{"Content-Type", "application/json-seq"}}, 415},
      {"POST", "/v1/metrics", {}, 415},
      {"GET", "/v1/metrics", {{"Content-Type", protobuf_type}}, 405},
      {"PUT", "/v1/metrics", {{"Content-Type", protobuf_type}}, 405},
      {"POST", "/v1/traces", {{"Content-Type", protobuf_type}}, 404},
      {"POST", "/v1/logs", {{"Content-Type", json_type}}, 404},
      {"POST", "/v1development/profiles", {{"Content-Type", protobuf_type}}, 404},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.path);
    const auto response =
        receiver_->handle({.method = c.method, .path = c.path, .headers = c.headers});
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, c.want);
  }
  EXPECT_EQ(receiver_->handle({.method = "GET", .path = "/v1/metrics"})->headers.find("allow"),
            "POST");
  EXPECT_THAT(metrics_.render(),
              AllOf(HasSubstr(R"(refused_requests_total{reason="content_type"} 3)"),
                    HasSubstr(R"(refused_requests_total{reason="method"} 3)"),
                    HasSubstr(R"(unsupported_requests_total{signal="traces"} 1)"),
                    HasSubstr(R"(unsupported_requests_total{signal="logs"} 1)")));
}

TEST_F(ReceiverTest, OtherPathsAreSomebodyElses) {
  EXPECT_FALSE(receiver_->handle({.method = "GET", .path = "/"}));
  EXPECT_FALSE(receiver_->handle({.method = "POST", .path = "/v1/metrics/"}));
}

TEST_F(ReceiverTest, ASenderOfOtherSignalsIsNamedOnce) {
  for (const char* peer : {"10.0.0.1:1", "10.0.0.1:2", "[::1]:3", "[::1]:4"}) {
    receiver_->handle({.method = "POST", .path = "/v1/traces", .peer = peer});
  }
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("10.0.0.1"), HasSubstr("[::1]")));
}

// Calls a gRPC method and returns what its handler answers.
Task<void> call(const net::grpc::Unary* method, net::grpc::Context context, std::string body,
                std::optional<Result<std::string>>* answer) {
  *answer = co_await (*method)(context, std::move(body));
}

Result<std::string> call(const net::grpc::Services& services, const std::string& name,
                         std::string body, net::http::Headers metadata = {}) {
  const auto* method = services.find(name);
  if (method == nullptr) return fail(Code::not_found, name);
  std::optional<Result<std::string>> answer;
  base::Loop loop;
  base::TaskGroup group(loop.executor(), Log{});
  group.spawn(call(&std::get<net::grpc::Unary>(*method),
                   {.method = name, .peer = "10.0.0.1:5", .metadata = std::move(metadata)},
                   std::move(body), &answer));
  while (group.size() > 0) loop.poll();
  return answer.value_or(fail(Code::internal, "no answer"));
}

TEST_F(ReceiverTest, GrpcTakesMetricsAndRefusesTheRest) {
  net::grpc::Services services;
  receiver_->add_to(services);
  const std::string collector = "/opentelemetry.proto.collector.";
  EXPECT_EQ(call(services, collector + "metrics.v1.MetricsService/Export", encode(gauges(2))), "");
  EXPECT_EQ(store_->series_count(), 2u);
  EXPECT_EQ(call(services, collector + "metrics.v1.MetricsService/Export", "\x0a\x05").error().code,
            Code::invalid);
  for (const char* service :
       {"trace.v1.TraceService", "logs.v1.LogsService", "profiles.v1development.ProfilesService"}) {
    const auto refused = call(services, collector + service + "/Export", "whatever");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::unimplemented);
    EXPECT_EQ(refused.error().what, "this server takes metrics only");
  }
  EXPECT_THAT(lines_, SizeIs(3));
}

TEST_F(ReceiverTest, ATokenIsNeededForEverySignalWhereOneIsSet) {
  const net::testing::Folder folder;
  folder.write("token", "s3cret");
  auto token = net::BearerToken::open({.file = folder / "token"}, clock_, log_).value();
  receiver_->require(token);
  net::grpc::Services services;
  receiver_->add_to(services);
  const std::string collector = "/opentelemetry.proto.collector.";
  const std::string metrics = collector + "metrics.v1.MetricsService/Export";
  for (const char* credentials : {"", "Bearer other"}) {
    for (const std::string& method : {metrics, collector + "logs.v1.LogsService/Export"}) {
      const auto refused =
          call(services, method, encode(gauges(2)), {{"authorization", credentials}});
      EXPECT_EQ(refused.error().code, Code::unauthenticated);
    }
    for (const char* path : {"/v1/metrics", "/v1/traces"}) {
      const auto refused = receiver_->handle(
          {.method = "POST",
           .path = path,
           .headers = {{"Content-Type", protobuf_type}, {"Authorization", credentials}},
           .body = encode(gauges(2))});
      EXPECT_EQ(refused->status, 401);
      EXPECT_EQ(refused->headers.find("www-authenticate"), "Bearer");
      EXPECT_EQ(refused->headers.find("content-type"), protobuf_type);
    }
  }
  EXPECT_EQ(store_->series_count(), 0u);
  EXPECT_FALSE(receiver_->handle({.method = "GET", .path = "/other"}));

  const net::http::Headers good = {{"authorization", "Bearer s3cret"}};
  EXPECT_EQ(call(services, metrics, encode(gauges(2)), good), "");
  const auto taken = receiver_->handle(
      {.method = "POST",
       .path = "/v1/metrics",
       .headers = {{"Content-Type", json_type}, {"Authorization", "Bearer s3cret"}},
       .body = encode_json(gauges(3))});
  EXPECT_EQ(taken->status, 200);
  EXPECT_EQ(store_->series_count(), 3u);
  EXPECT_THAT(metrics_.render(),
              HasSubstr("tidewheel_otlp_refused_requests_total{reason=\"token\"} 8\n"));
}

TEST(Once, StopsAtItsLimit) {
  Once once;
  for (std::size_t i = 0; i < Once::entries_max; ++i) EXPECT_TRUE(once.first(std::to_string(i)));
  EXPECT_FALSE(once.first("5"));
  EXPECT_FALSE(once.first("new"));
}

// `count` resources with a counter each, of `points` series.
Request fleet(int count, int points, std::uint64_t time_ns) {
  Request request;
  for (int r = 0; r < count; ++r) {
    Metric metric{.name = "g"};
    for (int i = 0; i < points; ++i)
      metric.points.push_back({.time_ns = time_ns,
                               .value = std::int64_t{1},
                               .attributes = {{"n", {std::to_string(i)}}}});
    request.resources.push_back(
        {.attributes = {{"pod", {std::to_string(r)}}}, .scopes = {{.metrics = {metric}}}});
  }
  return request;
}

// How many series each shard has, and how many it is to have of such a fleet.
std::vector<std::size_t> series_by_shard(const tsdb::Shards& store) {
  std::vector<std::size_t> counts;
  for (std::size_t i = 0; i < store.size(); ++i)
    counts.push_back(store.look(i, [](const tsdb::Store& shard) { return shard.series_count(); }));
  return counts;
}

std::vector<std::size_t> homes_of_fleet(const tsdb::Shards& store, int count, std::size_t points) {
  std::vector<std::size_t> counts(store.size());
  for (int r = 0; r < count; ++r) {
    const std::string pod = std::to_string(r);
    const tsdb::LabelView label{"pod", pod};
    counts[store.home_of({&label, 1}).shard] += points;
  }
  return counts;
}

TEST_F(ReceiverTest, RequestsOfManyResourcesGoToSeveralShards) {
  make_store({}, 4);
  double sum = 0;
  store_->subscribe(
      {.query = *tsdb::parse_metric_query("sum(g)")},
      [&sum](const auto& answer) { sum = answer.value; }, clock_.now());
  const auto ns = static_cast<std::uint64_t>(clock_.now().ns);
  const std::string body = encode(fleet(20, 5, ns));
  EXPECT_EQ(receiver_->receive(body, Encoding::protobuf), "");  // unknown
  EXPECT_EQ(store_->series_count(), 100u);
  EXPECT_EQ(sum, 100);
  EXPECT_EQ(series_by_shard(*store_), homes_of_fleet(*store_, 20, 5));
  clock_.advance(std::chrono::seconds(1));
  const auto later = static_cast<std::uint64_t>(clock_.now().ns);
  EXPECT_EQ(receiver_->receive(encode(fleet(20, 5, later)), Encoding::protobuf), "");  // known
  EXPECT_EQ(receiver_->receive(encode(fleet(21, 6, later)), Encoding::protobuf), "");  // both
  EXPECT_EQ(receiver_->receive(encode_json(fleet(22, 6, later)), Encoding::json), "{}");
  EXPECT_EQ(store_->series_count(), 132u);
  EXPECT_EQ(sum, 132);
  EXPECT_THAT(metrics_.render(), HasSubstr("tidewheel_otlp_points_accepted_total 458"));
}

TEST_F(ReceiverTest, NothingOfADamagedRequestIsStoredInAnyShard) {
  make_store({}, 4);
  const auto ns = static_cast<std::uint64_t>(clock_.now().ns);
  std::string body = encode(fleet(20, 1, ns));
  // The value of the last resource's attribute is no text any more.
  const std::size_t at = body.rfind("pod");
  ASSERT_NE(at, std::string::npos);
  body[at] = '\xff';
  const auto received = receiver_->receive(body, Encoding::protobuf);
  ASSERT_FALSE(received);
  EXPECT_EQ(received.error().code, Code::invalid);
  EXPECT_EQ(store_->series_count(), 0u);
}

}  // namespace
}  // namespace otlp
