// Listening, finding out the protocol, limits of connections, draining.

#include "net/server.h"

#include <gtest/gtest.h>

#include <map>

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

const std::string get_echo = "GET /echo HTTP/1.1\r\nhost: h\r\n\r\n";

Task<bool> answers_at(std::string host, std::uint16_t port) {
  auto response =
      co_await http::send(Address{std::move(host), port}, {.method = "GET", .path = "/nope"});
  co_return response && response->status == 404;
}

Task<void> addresses(base::Loop& loop) {
  struct Case {
    const char* listen;
    bool v4;
    bool v6;
  };
  const Case cases[] = {
      {"", true, true},         {"localhost", true, true}, {"127.0.0.1", true, false},
      {"0.0.0.0", true, false}, {"::1", false, true},      {"::", false, true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.listen);
    base::metrics::Registry registry;
    Server server("test", loop.executor(), {}, {}, Log{}, registry);
    const auto port = server.listen(c.listen, 0);
    EXPECT_TRUE(port) << port.error().what;
    if (!port) continue;
    EXPECT_NE(*port, 0);
    const bool v4 = co_await answers_at("127.0.0.1", *port);
    const bool v6 = co_await answers_at("::1", *port);
    EXPECT_EQ(v4, c.v4);
    EXPECT_EQ(v6, c.v6);
    co_await server.drain({});
  }
}

TEST(Server, ListensOnOneOrAllAddresses) {
  run(addresses);
}

Task<void> bad_addresses(base::Loop& loop) {
  EchoServer first(loop);
  const std::uint16_t taken = first.address().port;
  base::metrics::Registry registry;
  Server second("test", loop.executor(), {}, {}, Log{}, registry);
  const auto in_use = second.listen("127.0.0.1", taken);
  EXPECT_EQ(in_use,
            fail(Code::unavailable, "port " + std::to_string(taken) + " on 127.0.0.1 is in use"));
  const auto everywhere = second.listen("", taken);
  EXPECT_EQ(everywhere, fail(Code::unavailable, "port " + std::to_string(taken) + " is in use"));
  const auto no_address = second.listen("example", 0);
  EXPECT_EQ(no_address, fail(Code::invalid, "\"example\" is not an address to listen on"));
  const auto not_here = second.listen("192.0.2.1", 0);
  EXPECT_TRUE(!not_here && not_here.error().code == Code::unavailable);
  co_await first.drain();
}

TEST(Server, SaysWhyItCannotListen) {
  run(bad_addresses);
}

Task<void> sniffs(base::Loop& loop) {
  EchoServer server(loop);
  const auto stream = co_await server.connect();
  testing::FrameReader reader;
  for (const char c : testing::opening() + testing::unary(1, "/tidewheel.Echo/Echo", "hello")) {
    static_cast<void>(co_await stream->write(std::string(1, c)));
    static_cast<void>(co_await base::sleep_for(0ms));
  }
  while (!reader.on(1).ended) {
    const std::string bytes =
        co_await testing::read_until(*stream, [](const std::string& all) { return !all.empty(); });
    if (bytes.empty()) break;
    reader.feed(bytes);
  }
  EXPECT_EQ(reader.on(1).body, testing::grpc_message("hello"));

  const std::string http = co_await server.answer_to(get_echo);
  EXPECT_TRUE(http.starts_with("HTTP/1.1 200"));
  const std::string almost = co_await server.answer_to("PRI * HTTP/1.1\r\nhost: h\r\n\r\n");
  EXPECT_TRUE(almost.starts_with("HTTP/1.1 404"));
  EXPECT_EQ(server.metric("net_connections_total", "protocol=\"http1\""), 2);
  EXPECT_EQ(server.metric("net_connections_total", "protocol=\"http2\""), 1);
  co_await server.drain();
}

TEST(Server, FindsOutTheProtocol) {
  run(sniffs);
}

Task<void> refuses_http2(base::Loop& loop) {
  base::metrics::Registry registry;
  Server server("test", loop.executor(), {}, {}, Log{}, registry);
  const auto port = server.listen("127.0.0.1", 0);
  auto stream = co_await tcp::connect({"127.0.0.1", *port});
  static_cast<void>(co_await (*stream)->write(testing::opening()));
  testing::FrameReader reader;
  reader.feed(co_await testing::read_all(**stream));
  EXPECT_EQ(reader.goaway(), NGHTTP2_HTTP_1_1_REQUIRED);
  co_await server.drain({});
}

TEST(Server, RefusesHttp2WithoutGrpc) {
  run(refuses_http2);
}

Task<void> connection_limit(base::Loop& loop) {
  EchoServer server(loop, {.connections_max = 2});
  const auto first = co_await server.connect();
  const auto second = co_await server.connect();
  const bool open = co_await eventually([&] { return server.metric("net_connections_open") == 2; });
  EXPECT_TRUE(open);
  const std::string refused = co_await server.answer_to(get_echo);
  EXPECT_EQ(refused, "");
  EXPECT_EQ(server.metric("net_violations_total", "kind=\"too_many_connections\""), 1);
  first->shutdown();
  const bool room = co_await eventually([&] { return server.metric("net_connections_open") == 1; });
  EXPECT_TRUE(room);
  const std::string answered = co_await server.answer_to(get_echo);
  EXPECT_TRUE(answered.starts_with("HTTP/1.1 200"));
  co_await server.drain();
}

TEST(Server, BoundsItsConnections) {
  run(connection_limit);
}

Task<http::Response> say(std::string text) {
  co_return http::Response{.body = std::move(text)};
}

// Two servers of one port; here their loops are one.
Task<void> shared_port(base::Loop& loop) {
  base::metrics::Registry registry;
  const Limits limits{.connections_max = 4};
  const auto named = [](const char* name) {
    return Handlers{.http = [name](const http::Request&) { return say(name); }, .grpc = nullptr};
  };
  Server first("test", loop.executor(), limits, named("<first>"), Log{}, registry);
  Server second("test", loop.executor(), limits, named("<second>"), Log{}, registry);
  second.take_part_in(first);
  const auto port = first.listen("127.0.0.1", 0);
  EXPECT_TRUE(port);
  std::vector<std::unique_ptr<Stream>> open;
  std::map<bool, int> by_first;
  for (int i = 0; i < 4; ++i) {
    auto stream = co_await tcp::connect({"127.0.0.1", *port});
    open.push_back(std::move(*stream));
    static_cast<void>(co_await open.back()->write(get_echo));
    const std::string answer = co_await testing::read_until(
        *open.back(), [](const std::string& all) { return all.ends_with('>'); });
    EXPECT_TRUE(answer.ends_with("<first>") || answer.ends_with("<second>")) << answer;
    ++by_first[answer.ends_with("<first>")];
  }
  EXPECT_EQ(by_first, (std::map<bool, int>{{false, 2}, {true, 2}}));
  // The limit is of both.
  auto refused = co_await tcp::connect({"127.0.0.1", *port});
  static_cast<void>(co_await (*refused)->write(get_echo));
  const std::string nothing = co_await testing::read_all(**refused);
  EXPECT_EQ(nothing, "");
  co_await first.drain({});
  co_await second.drain({});
  for (const auto& stream : open) {
    const std::string rest = co_await testing::read_all(*stream);
    EXPECT_EQ(rest, "");
  }
}

TEST(Server, SharesAPortWithOthersEvenly) {
  run(shared_port);
}

Task<void> drains(base::Loop& loop) {
  EchoServer server(loop);
  const auto idle = co_await server.connect();
  static_cast<void>(co_await idle->write(get_echo));
  static_cast<void>(
      co_await testing::read_until(*idle, [](const std::string& all) { return !all.empty(); }));
  const auto silent = co_await server.connect();
  const auto streaming = co_await server.connect();
  static_cast<void>(co_await streaming->write("GET /wait HTTP/1.1\r\nhost: h\r\n\r\n"));
  const bool open = co_await eventually([&] { return server.state().waiting == 1; });
  EXPECT_TRUE(open);

  co_await server.drain(10s);
  EXPECT_EQ(server.state().cancelled, 1);
  EXPECT_EQ(server.metric("net_connections_open"), 0);
  EXPECT_EQ(co_await testing::read_all(*idle), "");
  EXPECT_EQ(co_await testing::read_all(*silent), "");
  auto late = co_await tcp::connect(server.address());
  EXPECT_FALSE(late);
}

TEST(Server, DrainsIdleAndStreamingConnections) {
  run(drains);
}

Task<void> silent_peers(base::Loop& loop) {
  EchoServer server(loop, {.idle_timeout = 20ms, .request_timeout = 20ms});
  const std::string beginnings[] = {
      "", "PRI * HT", testing::opening(),
      testing::opening() + testing::unary(1, "/tidewheel.Echo/Wait", "")};
  for (const std::string& beginning : beginnings) {
    auto stream = co_await server.connect();
    static_cast<void>(co_await stream->write(beginning));
    static_cast<void>(co_await testing::read_all(*stream));
    stream.reset();
    const bool closed =
        co_await eventually([&] { return server.metric("net_connections_open") == 0; });
    EXPECT_TRUE(closed) << beginning.size();
  }
  co_await server.drain();
}

TEST(Server, EndsConnectionsThatFallSilent) {
  run(silent_peers);
}

}  // namespace
}  // namespace net
