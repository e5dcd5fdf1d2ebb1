#include "otlp/generator.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <optional>
#include <thread>

#include "base/testing/fake_clock.h"
#include "net/bearer_token.h"
#include "net/server.h"
#include "net/testing/certificates.h"
#include "net/testing/folder.h"
#include "otlp/receiver.h"
#include "otlp/sender.h"
#include "tsdb/shards.h"

namespace otlp {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

TEST(GeneratorOptions, AreCheckedByField) {
  struct Case {
    GeneratorOptions options;
    const char* want;
  };
  const Case cases[] = {
      {{.connections = -1}, "connections: must be 0 to 10000"},
      {{.connections = 10'001}, "connections: must be 0 to 10000"},
      {{.shape = LoadShape::bulk, .senders = 0},
       "senders: must be 1 to 10000 over all connections"},
      {{.shape = LoadShape::bulk, .connections = 2, .senders = 5'001},
       "senders: must be 1 to 10000 over all connections"},
      {{.senders = 2}, "senders: only of the shapes bulk and small"},
      {{.metric = ""}, "metric: must not be empty"},
      {{.value = {.min = 2, .max = 1}}, "max: must not be less than min"},
      {{.value = {.max = std::numeric_limits<double>::infinity()}}, "max: must be a finite number"},
      {{.value = {.period = -1s}}, "period: must not be negative"},
      {{.interval = -1s}, "interval: must not be negative"},
      {{.duration = -1s}, "duration: must not be negative"},
  };
  for (const Case& c : cases) {
    const auto checked = check(c.options);
    ASSERT_FALSE(checked) << c.want;
    EXPECT_EQ(checked.error(), (Error{Code::invalid, c.want}));
  }
  EXPECT_TRUE(check({}));
}

TEST(RejectedPoints, AreReadFromPartialSuccess) {
  EXPECT_EQ(rejected_points(""), 0u);
  EXPECT_EQ(rejected_points("\x0a\x02\x08\x07"), 7u);
  EXPECT_EQ(rejected_points("\x0a\x00"s), 0u);
  EXPECT_FALSE(rejected_points("\x0a\x05\x08"));
}

// A receiver behind a real listener on a free port, and a generator, on one loop.
class GeneratorTest : public ::testing::Test {
 protected:
  using Finished = std::optional<Result<GeneratorReport>>;

  GeneratorTest() {
    serve([](net::Server&) {});
  }

  void serve(const std::function<void(net::Server&)>& prepare) {
    auto services = std::make_shared<net::grpc::Services>();
    receiver_.add_to(*services);
    server_.emplace(
        "otlp", loop_.executor(), net::Limits{},
        net::Handlers{.http = [this](net::http::Request r) { return answer(this, std::move(r)); },
                      .grpc = services},
        Log{}, metrics_);
    prepare(*server_);
    const auto port = server_->listen("127.0.0.1", 0);
    EXPECT_TRUE(port);
    address_ = {"127.0.0.1", port.value_or(0)};
  }

  ~GeneratorTest() override {
    if (server_) drain();
  }

  static Task<net::http::Response> answer(GeneratorTest* self, net::http::Request request) {
    auto response = self->receiver_.handle(request);
    co_return response.value_or(net::http::Response{.status = 404});
  }

  static Task<void> store_report(GeneratorOptions options, const Clock& clock, Finished* finished) {
    *finished = co_await generate(std::move(options), clock);
  }

  static Task<void> drain_server(net::Server* server) { co_await server->drain(1s); }

  void run_until_idle(base::TaskGroup& group) {
    while (group.size() > 0) {
      if (loop_.poll() == 0) std::this_thread::yield();
    }
  }

  Result<GeneratorReport> generate_now(GeneratorOptions options) {
    options.target.address = address_;
    Finished finished;
    base::TaskGroup group(loop_.executor(), Log{});
    group.spawn(store_report(std::move(options), clock_, &finished));
    run_until_idle(group);
    return finished.value_or(fail(Code::internal, "no report"));
  }

  void drain() {
    base::TaskGroup group(loop_.executor(), Log{});
    group.spawn(drain_server(&*server_));
    run_until_idle(group);
    server_.reset();
  }

  base::SystemClock clock_;
  base::Loop loop_;
  base::metrics::Registry metrics_;
  tsdb::Shards store_{{}, 1, Log{}, metrics_};
  std::optional<net::BearerToken> token_;
  Receiver receiver_{{store_, clock_}, Log{}, metrics_};
  std::optional<net::Server> server_;
  net::Address address_;
};

TEST_F(GeneratorTest, SendsTheRequestsAskedForOverBothProtocols) {
  for (const Protocol protocol : {Protocol::grpc, Protocol::http}) {
    const auto report = generate_now(
        {.protocol = protocol, .shape = LoadShape::bulk, .requests = 3, .connections = 2});
    ASSERT_TRUE(report) << report.error().what;
    EXPECT_EQ(report->requests, 3u);
    EXPECT_EQ(report->points, 6000u);
    EXPECT_EQ(report->errors, 0u) << report->last_error;
    EXPECT_EQ(report->rejected, 0u);
    EXPECT_GT(report->bytes, 500'000u);
    EXPECT_GT(report->latency_p99, 0ns);
  }
}

TEST_F(GeneratorTest, SendersTakeTurnsOnTheirConnection) {
  const auto report =
      generate_now({.shape = LoadShape::small, .requests = 3, .connections = 1, .senders = 3});
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_EQ(report->requests, 3u);
  EXPECT_EQ(store_.series_count(), 30u);  // ten of each
}

TEST_F(GeneratorTest, SmallRequestsComeFromManyConnections) {
  const auto report = generate_now({.shape = LoadShape::small, .requests = 400});
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_EQ(report->requests, 400u);
  EXPECT_EQ(store_.series_count(), 2000u);
}

TEST_F(GeneratorTest, ASingleMetricHasTheNameValueAndLabelsAskedFor) {
  const auto report = generate_now({.metric = "queue.length",
                                    .attributes = {{"queue", "orders"}},
                                    .value = {.profile = Profile::constant, .min = -7},
                                    .requests = 1});
  ASSERT_TRUE(report) << report.error().what;
  const auto rows = store_.series({}, 10'000).rows;
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].metric, "queue.length");
  EXPECT_EQ(rows[0].labels, (tsdb::Labels{{"queue", "orders"}}));
  EXPECT_EQ(rows[0].samples.at(0).second, -7);
}

TEST_F(GeneratorTest, EndsWithItsDuration) {
  const auto report = generate_now({.interval = 1h, .duration = 250ms});
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_EQ(report->requests, 1u);
  EXPECT_GE(report->elapsed, 250ms);
}

TEST_F(GeneratorTest, ToldToStopItReportsWhatItDid) {
  Finished finished;
  base::TaskGroup group(loop_.executor(), Log{});
  group.spawn(
      store_report({.target = address_, .interval = 1h, .connections = 3}, clock_, &finished));
  while (store_.series_count() < 3) loop_.poll();
  group.stop();
  run_until_idle(group);
  ASSERT_TRUE(finished && *finished);
  EXPECT_LE((*finished)->requests, 3u);
  EXPECT_EQ((*finished)->errors, 0u) << (*finished)->last_error;
}

TEST_F(GeneratorTest, CountsWhatALostServerDoesNotAnswer) {
  Finished finished;
  base::TaskGroup group(loop_.executor(), Log{});
  group.spawn(store_report({.target = address_, .interval = 1ms, .requests = 1'000'000}, clock_,
                           &finished));
  while (store_.series_count() == 0) loop_.poll();
  drain();
  for (const Instant end = clock_.steady() + 200ms; clock_.steady() < end;) loop_.poll();
  group.stop();
  run_until_idle(group);
  ASSERT_TRUE(finished && *finished);
  EXPECT_GE((*finished)->errors, 2u);
  EXPECT_NE((*finished)->last_error, "");
}

// Such a receiver, over TLS and with a token.
class GuardedGeneratorTest : public GeneratorTest {
 protected:
  GuardedGeneratorTest() {
    drain();
    const net::tls::Identity identity = authority_.issue();
    folder_.write("tls.crt", identity.certificates);
    folder_.write("tls.key", identity.key);
    folder_.write("token", "s3cret");
    token_.emplace(net::BearerToken::open({folder_ / "token", 1h}, clock_, Log{}).value());
    receiver_.require(*token_);
    serve([this](net::Server& server) {
      EXPECT_TRUE(server.secure({folder_ / "tls.crt", folder_ / "tls.key", ""}, 1h));
    });
  }
  ~GuardedGeneratorTest() override {
    if (server_) drain();
  }

  Result<GeneratorReport> generate_with(Protocol protocol, net::http::Headers headers) {
    const auto context = net::tls::Context::for_client({.authorities = authority_.pem()});
    return generate_now({.target = {address_, context.value()},
                         .headers = std::move(headers),
                         .protocol = protocol,
                         .requests = 3});
  }

  net::testing::Folder folder_;
  net::testing::Authority authority_;
};

TEST_F(GuardedGeneratorTest, IsLetInWithItsTokenOverBothProtocols) {
  for (const Protocol protocol : {Protocol::grpc, Protocol::http}) {
    const auto report = generate_with(protocol, {{"authorization", "Bearer s3cret"}});
    ASSERT_TRUE(report) << report.error().what;
    EXPECT_EQ(report->requests, 3u);
    EXPECT_EQ(report->errors, 0u) << report->last_error;
  }
  EXPECT_EQ(store_.series_count(), 1u);
}

TEST_F(GuardedGeneratorTest, DoesNotGoOnWithoutTheToken) {
  for (const Protocol protocol : {Protocol::grpc, Protocol::http}) {
    for (const net::http::Headers& headers :
         {net::http::Headers{}, net::http::Headers{{"authorization", "Bearer other"}}}) {
      const auto report = generate_with(protocol, headers);
      ASSERT_FALSE(report);
      EXPECT_EQ(report.error().code, Code::unauthenticated) << report.error().what;
    }
  }
  EXPECT_EQ(store_.series_count(), 0u);
}

TEST_F(GuardedGeneratorTest, DoesNotGoOnInPlainText) {
  for (const Protocol protocol : {Protocol::grpc, Protocol::http}) {
    const auto report = generate_now({.protocol = protocol, .connections = 5});
    ASSERT_FALSE(report);
    EXPECT_TRUE(report.error().what.ends_with("the server speaks TLS; use https://"))
        << report.error().what;
  }
}

TEST_F(GeneratorTest, WithoutAServerItIsAnError) {
  drain();
  const auto report = generate_now({.requests = 1});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Code::unavailable);
}

}  // namespace
}  // namespace otlp
