// gRPC over real sockets: our server against our client, and against peers that misbehave.

#include <gtest/gtest.h>

#include "net/client.h"
#include "net/tcp.h"
#include "net/testing/echo_fixture.h"
#include "net/testing/http2_frames.h"
#include "net/testing/run.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using testing::EchoServer;
using testing::eventually;
using testing::run;

Task<std::unique_ptr<grpc::Channel>> open(const EchoServer& server) {
  auto channel = co_await grpc::Channel::open(server.address());
  EXPECT_TRUE(channel);
  co_return std::move(*channel);
}

Task<void> outcomes(base::Loop& loop) {
  struct Case {
    const char* method;
    std::string message;
    Duration timeout;
    Result<std::string> want;
  };
  const Case cases[] = {
      {"/tidewheel.Echo/Echo", "hello", 10s, "hello"},
      {"/tidewheel.Echo/Echo", "", 10s, ""},
      {"/tidewheel.Echo/Echo", std::string(8u << 20, 'x'), 10s, std::string(8u << 20, 'x')},
      {"/tidewheel.Echo/Fail", "5 no such häuser: 100%", 10s,
       fail(Code::not_found, "no such häuser: 100%")},
      {"/tidewheel.Echo/Fail", "12 not here", 10s, fail(Code::unimplemented, "not here")},
      {"/tidewheel.Echo/Nope", "", 10s,
       fail(Code::unimplemented, "unknown method /tidewheel.Echo/Nope")},
      {"/tidewheel.Echo/Echo", std::string((16u << 20) + 1, 'x'), 10s,
       fail(Code::exhausted, "message of 16777217 bytes is over the limit of 16777216")},
      {"/tidewheel.Echo/Repeat", "2 3", 10s, fail(Code::bad_data, "more than one message")},
      {"/tidewheel.Echo/Repeat", "1 3", 10s, "xxx"},
  };
  EchoServer server(loop);
  const auto channel = co_await open(server);
  for (const Case& c : cases) {
    SCOPED_TRACE(c.method);
    const auto got = co_await channel->unary(c.method, c.message, c.timeout);
    EXPECT_TRUE(got == c.want) << (got ? std::to_string(got->size()) : got.error().what);
  }
  EXPECT_EQ(server.metric("net_connections_total", "protocol=\"http2\""), 1);
  EXPECT_EQ(server.metric("net_requests_total", "outcome=\"not_found\""), 1);
  co_await channel->close();
  co_await server.drain();
}

TEST(GrpcServer, AnswersOurClient) {
  run(outcomes);
}

Task<void> call_once(grpc::Channel* channel, std::string message, int* right) {
  auto got = co_await channel->unary("/tidewheel.Echo/Echo", message, 10s);
  if (got == message) ++*right;
}

Task<void> concurrent(base::Loop& loop) {
  EchoServer server(loop, {.streams_max = 10});
  const auto channel = co_await open(server);
  base::TaskGroup calls(loop.executor(), Log{});
  int right = 0;
  for (int i = 0; i < 200; ++i) {
    calls.spawn(
        call_once(channel.get(), std::string(static_cast<std::size_t>(i) * 100, 'x'), &right));
  }
  co_await calls.join();
  EXPECT_EQ(right, 200);
  co_await channel->close();
  co_await server.drain();
}

TEST(GrpcServer, ServesMoreCallsThanItAllowsAtOnce) {
  run(concurrent);
}

Task<void> wait_call(grpc::Channel* channel, Duration timeout, Result<std::string>* outcome) {
  *outcome = co_await channel->unary("/tidewheel.Echo/Wait", "", timeout);
}

Task<void> deadline(base::Loop& loop) {
  EchoServer server(loop);
  const auto channel = co_await open(server);
  Result<std::string> outcome;
  co_await wait_call(channel.get(), 20ms, &outcome);
  EXPECT_FALSE(outcome);
  if (!outcome) EXPECT_EQ(outcome.error().code, Code::timeout);
  const bool stopped = co_await eventually([&] { return server.state().cancelled == 1; });
  EXPECT_TRUE(stopped);
  co_await channel->close();
  co_await server.drain();
}

TEST(GrpcServer, StopsTheHandlerAtTheDeadline) {
  run(deadline);
}

Task<void> cancellation(base::Loop& loop) {
  EchoServer server(loop);
  const auto channel = co_await open(server);
  base::TaskGroup calls(loop.executor(), Log{});
  Result<std::string> outcome;
  const auto call = calls.spawn(wait_call(channel.get(), 10s, &outcome));
  const bool running = co_await eventually([&] { return server.state().waiting == 1; });
  EXPECT_TRUE(running);
  call.stop();
  co_await calls.join();
  EXPECT_TRUE(!outcome && outcome.error().code == Code::cancelled);
  const bool stopped = co_await eventually([&] { return server.state().cancelled == 1; });
  EXPECT_TRUE(stopped);
  co_await channel->close();
  co_await server.drain();
}

TEST(GrpcServer, StopsTheHandlerOfACancelledCall) {
  run(cancellation);
}

Task<void> lost_peer(base::Loop& loop) {
  EchoServer server(loop);
  {
    const auto stream = co_await server.connect();
    static_cast<void>(co_await stream->write(testing::opening() +
                                             testing::unary(1, "/tidewheel.Echo/Wait", "") +
                                             testing::unary(3, "/tidewheel.Echo/Stream", "")));
    const bool running = co_await eventually([&] { return server.state().waiting == 2; });
    EXPECT_TRUE(running);
  }
  const bool stopped = co_await eventually([&] { return server.state().cancelled == 2; });
  EXPECT_TRUE(stopped);
  const bool closed =
      co_await eventually([&] { return server.metric("net_connections_open") == 0; });
  EXPECT_TRUE(closed);
  co_await server.drain();
}

TEST(GrpcServer, StopsTheHandlersOfALostPeer) {
  run(lost_peer);
}

// A peer that takes a large stream window by window.
Task<void> backpressure(base::Loop& loop) {
  EchoServer server(loop);
  const auto stream = co_await server.connect();
  testing::FrameReader reader;
  static_cast<void>(co_await stream->write(
      testing::opening() + testing::unary(1, "/tidewheel.Echo/Repeat", "100 50000")));
  std::size_t seen = 0;
  const std::size_t want = 100 * 50'005;
  while (seen < want) {
    const std::string bytes =
        co_await testing::read_until(*stream, [](const std::string& all) { return !all.empty(); });
    if (bytes.empty()) break;
    reader.feed(bytes);
    const std::size_t now = reader.on(1).body.size();
    EXPECT_LE(now - seen, 65'535u);
    if (now > seen) {
      const auto grant = static_cast<std::uint32_t>(now - seen);
      static_cast<void>(co_await stream->write(testing::window_update(0, grant) +
                                               testing::window_update(1, grant)));
    }
    seen = now;
  }
  EXPECT_EQ(seen, want);
  EXPECT_EQ(reader.on(1).field("grpc-status"), "0");
  co_await server.drain();
}

TEST(GrpcServer, StreamsAtThePaceOfItsPeer) {
  run(backpressure);
}

// Windows without end, and nobody reads: the socket fills, and the connection ends.
Task<void> slow_reader(base::Loop& loop) {
  EchoServer server(loop, {.request_timeout = 50ms});
  const auto stream = co_await server.connect();
  const std::uint32_t open_window = 0x7fff0000 - 65'535;
  static_cast<void>(
      co_await stream->write(testing::opening() + testing::window_update(0, open_window) +
                             testing::unary(1, "/tidewheel.Echo/Repeat", "100000 50000") +
                             testing::window_update(1, open_window)));
  const bool ended = co_await eventually(
      [&] { return server.metric("net_violations_total", "kind=\"slow_reader\"") == 1; });
  EXPECT_TRUE(ended);
  const bool closed =
      co_await eventually([&] { return server.metric("net_connections_open") == 0; });
  EXPECT_TRUE(closed);
  co_await server.drain();
}

TEST(GrpcServer, GivesUpOnAPeerThatDoesNotRead) {
  run(slow_reader);
}

// One sends much work at once; another asks for little, and does not wait for all of that.
Task<void> turns(base::Loop& loop) {
  EchoServer server(loop);
  const auto greedy = co_await server.connect();
  const auto modest = co_await open(server);
  constexpr int calls = 6;
  std::string work = testing::opening();
  for (std::uint32_t i = 0; i < calls; ++i) {
    work += testing::unary(1 + 2 * i, "/tidewheel.Echo/Burn", "5 " + std::string(15'000, 'x'));
  }
  static_cast<void>(co_await greedy->write(work));
  const auto answer = co_await modest->unary("/tidewheel.Echo/Echo", "x", 10s);
  EXPECT_TRUE(answer);
  EXPECT_LT(server.state().burned, calls);
  const bool all = co_await eventually([&] { return server.state().burned == calls; });
  EXPECT_TRUE(all);
  co_await modest->close();
  co_await server.drain();
}

TEST(GrpcServer, WorksForItsConnectionsInTurns) {
  run(turns);
}

Task<void> sleep_call(grpc::Channel* channel, Result<std::string>* outcome) {
  *outcome = co_await channel->unary("/tidewheel.Echo/Sleep", "50", 10s);
}

Task<void> drains(base::Loop& loop) {
  EchoServer server(loop);
  const auto channel = co_await open(server);
  base::TaskGroup calls(loop.executor(), Log{});
  Result<std::string> slow = fail(Code::internal, "not run");
  Result<std::string> never;
  calls.spawn(sleep_call(channel.get(), &slow));
  // It is under way once the answer to a later call is here.
  static_cast<void>(co_await channel->unary("/tidewheel.Echo/Echo", "", 10s));
  co_await server.drain(10s);
  co_await calls.join();
  EXPECT_TRUE(slow) << slow.error().what;
  const auto after = co_await channel->unary("/tidewheel.Echo/Echo", "", 10s);
  EXPECT_TRUE(!after && after.error().code == Code::unavailable);
  co_await channel->close();
}

TEST(GrpcServer, LetsACallEndWhileItDrains) {
  run(drains);
}

Task<void> drain_with_streams(base::Loop& loop) {
  EchoServer server(loop);
  const auto stream = co_await server.connect();
  static_cast<void>(
      co_await stream->write(testing::opening() + testing::unary(1, "/tidewheel.Echo/Stream", "")));
  const bool running = co_await eventually([&] { return server.state().waiting == 1; });
  EXPECT_TRUE(running);
  co_await server.drain(20ms);  // this peer does not answer pings
  EXPECT_EQ(server.state().cancelled, 1);
  testing::FrameReader reader;
  reader.feed(co_await testing::read_all(*stream));
  EXPECT_EQ(reader.on(1).field("grpc-status"), "14");
  EXPECT_EQ(reader.on(1).field("grpc-message"), "the server is shutting down");
  EXPECT_EQ(reader.goaway(), NGHTTP2_NO_ERROR);
}

TEST(GrpcServer, EndsStreamsWhenItDrains) {
  run(drain_with_streams);
}

Task<void> drain_overdue(base::Loop& loop) {
  EchoServer server(loop);
  const auto channel = co_await open(server);
  base::TaskGroup calls(loop.executor(), Log{});
  Result<std::string> outcome;
  calls.spawn(wait_call(channel.get(), 10s, &outcome));
  const bool running = co_await eventually([&] { return server.state().waiting == 1; });
  EXPECT_TRUE(running);
  co_await server.drain(20ms);
  co_await calls.join();
  EXPECT_TRUE(!outcome && outcome.error().code == Code::unavailable);
  EXPECT_EQ(server.state().cancelled, 1);
  co_await channel->close();
}

TEST(GrpcServer, CutsWhatOutlastsTheGrace) {
  run(drain_overdue);
}

// Accepts one connection and answers it with something else than HTTP/2.
Task<void> speak_http1(tcp::Acceptor* acceptor) {
  auto socket = co_await tcp::accept(*acceptor);
  const auto peer = tcp::make_stream(std::move(*socket));
  static_cast<void>(co_await peer->write("HTTP/1.1 400 Bad Request\r\n\r\n"));
  static_cast<void>(co_await testing::read_all(*peer));
}

Task<void> strangers(base::Loop& loop) {
  auto acceptors = tcp::listen(loop.executor(), "127.0.0.1", 0);
  const Address address{"127.0.0.1", acceptors->front().local_endpoint().port()};
  base::TaskGroup tasks(loop.executor(), Log{});
  tasks.spawn(speak_http1(&acceptors->front()));
  auto channel = co_await grpc::Channel::open(address);
  EXPECT_FALSE(channel);
  if (!channel)
    EXPECT_TRUE(channel.error().what.starts_with("no HTTP/2 at 127.0.0.1:"))
        << channel.error().what;
  co_await tasks.join();

  acceptors->clear();
  auto nobody = co_await grpc::Channel::open(address);
  EXPECT_TRUE(!nobody && nobody.error().code == Code::unavailable);
}

TEST(GrpcChannel, ReportsServersThatAreNone) {
  run(strangers);
}

}  // namespace
}  // namespace net
