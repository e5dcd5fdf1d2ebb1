// The HTTP/1.1 side of a server, over real sockets.

#include <gtest/gtest.h>

#include "net/client.h"
#include "net/testing/deflate.h"
#include "net/testing/echo_fixture.h"
#include "net/testing/run.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using testing::EchoServer;
using testing::run;

const std::string close_line = "connection: close\r\n";

std::string post(std::string_view fields, std::string_view body) {
  return "POST /echo HTTP/1.1\r\nhost: h\r\n" + std::string(fields) +
         "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nhost: h\r\n\r\n";
}

// The text after the header of the last answer.
std::string_view body_of(std::string_view answer) {
  return answer.substr(answer.rfind("\r\n\r\n") + 4);
}

std::string_view status_line(std::string_view answer) {
  return answer.substr(0, answer.find('\r'));
}

Task<void> answers(base::Loop& loop) {
  struct Case {
    const char* name;
    std::string request;
    const char* status;
    std::string body;
  };
  const std::string gzip = "content-encoding: gzip\r\n";
  const Case cases[] = {
      {"post", post({}, "hello"), "HTTP/1.1 200 OK", "hello"},
      {"gzip", post(gzip, testing::compress(Coding::gzip, "hello")), "HTTP/1.1 200 OK", "hello"},
      {"deflate",
       post("content-encoding: deflate\r\n", testing::compress(Coding::deflate, "hello")),
       "HTTP/1.1 200 OK", "hello"},
      {"identity", post("content-encoding: identity\r\n", "hello"), "HTTP/1.1 200 OK", "hello"},
      {"unknown path", get("/nope"), "HTTP/1.1 404 Not Found", ""},
      {"head", "HEAD /nope HTTP/1.1\r\nhost: h\r\n\r\n", "HTTP/1.1 404 Not Found", ""},
      {"http/1.0", "GET /nope HTTP/1.0\r\n\r\n", "HTTP/1.1 404 Not Found", ""},
      {"empty lines first", "\r\n\r\n" + get("/nope"), "HTTP/1.1 404 Not Found", ""},
      {"a handler that throws", get("/throw"), "HTTP/1.1 500 Internal Server Error",
       "Internal Server Error\n"},
      {"garbage", "\x16\x03\x01\x02 hello\r\n\r\n", "HTTP/1.1 400 Bad Request", "bad method\n"},
      {"zstd", post("content-encoding: zstd\r\n", testing::compress(Coding::zstd, "hello")),
       "HTTP/1.1 200 OK", "hello"},
      {"snappy", post("content-encoding: snappy\r\n", testing::compress_framed("hello")),
       "HTTP/1.1 200 OK", "hello"},
      {"unknown coding", post("content-encoding: br\r\n", "x"),
       "HTTP/1.1 415 Unsupported Media Type",
       "content-encoding must be gzip, deflate, zstd, snappy or identity\n"},
      {"damaged gzip", post(gzip, "not gzip"), "HTTP/1.1 400 Bad Request",
       "damaged or truncated compressed data\n"},
      {"a gzip bomb", post(gzip, testing::compress(Coding::gzip, std::string(100'000, '0'))),
       "HTTP/1.1 413 Content Too Large", "more than 10000 bytes after decompression\n"},
      {"a body over the limit", post({}, std::string(10'001, 'x')),
       "HTTP/1.1 413 Content Too Large", "body limit exceeded\n"},
      {"a header over the limit", "GET / HTTP/1.1\r\nhost: " + std::string(5000, 'h') + "\r\n\r\n",
       "HTTP/1.1 431 Request Header Fields Too Large", "header limit exceeded\n"},
      {"a chunk line without end",
       "POST /echo HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n1;" +
           std::string(5000, 'x'),
       "HTTP/1.1 400 Bad Request", "a line is too long\n"},
  };
  EchoServer server(loop, {.body_bytes_max = 10'000, .header_bytes_max = 4096});
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const std::string answer = co_await server.answer_to(c.request);
    EXPECT_EQ(status_line(answer), c.status);
    EXPECT_EQ(body_of(answer), c.body);
  }
  EXPECT_EQ(server.metric("net_violations_total", "kind=\"body_too_large\""), 2);
  EXPECT_EQ(server.metric("net_violations_total", "kind=\"header_too_large\""), 1);
  EXPECT_EQ(server.metric("net_violations_total", "kind=\"bad_http\""), 4);
  EXPECT_EQ(server.metric("net_requests_total", "outcome=\"2xx\""), 6);
  EXPECT_EQ(server.metric("net_requests_total", "outcome=\"5xx\""), 1);
  co_await server.drain();
}

TEST(Http1Server, AnswersOrRefuses) {
  run(answers);
}

Task<void> pipelined(base::Loop& loop) {
  EchoServer server(loop);
  const std::string answer = co_await server.answer_to(post({}, "one") + post({}, "two") +
                                                       get("/events") + post(close_line, "three"));
  const std::size_t one = answer.find("one");
  const std::size_t two = answer.find("two");
  const std::size_t events = answer.find("data: 3");
  const std::size_t three = answer.find("three");
  EXPECT_TRUE(one < two && two < events && events < three && three != answer.npos) << answer;
  EXPECT_EQ(server.metric("net_connections_total", "protocol=\"http1\""), 1);
  co_await server.drain();
}

TEST(Http1Server, AnswersPipelinedRequestsInOrder) {
  run(pipelined);
}

Task<void> byte_by_byte(base::Loop& loop) {
  EchoServer server(loop);
  const auto stream = co_await server.connect();
  // "P" is a beginning of HTTP/2's preface too.
  for (const char c : post(close_line, "hello")) {
    static_cast<void>(co_await stream->write(std::string(1, c)));
    static_cast<void>(co_await base::sleep_for(0ms));
  }
  const std::string answer = co_await testing::read_all(*stream);
  EXPECT_EQ(body_of(answer), "hello");
  co_await server.drain();
}

TEST(Http1Server, TakesARequestByteByByte) {
  run(byte_by_byte);
}

Task<void> continues(base::Loop& loop) {
  EchoServer server(loop, {.body_bytes_max = 100});
  const auto stream = co_await server.connect();
  const std::string head =
      "POST /echo HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: ";
  static_cast<void>(co_await stream->write(head + "5\r\n\r\n"));
  const std::string interim = co_await testing::read_until(
      *stream, [](const std::string& all) { return all.ends_with("\r\n\r\n"); });
  EXPECT_EQ(interim, "HTTP/1.1 100 Continue\r\n\r\n");
  static_cast<void>(co_await stream->write("hello"));
  const std::string answer = co_await testing::read_until(
      *stream, [](const std::string& all) { return all.ends_with("hello"); });
  EXPECT_EQ(status_line(answer), "HTTP/1.1 200 OK");

  const std::string refused = co_await server.answer_to(head + "101\r\n\r\n");
  EXPECT_EQ(status_line(refused), "HTTP/1.1 413 Content Too Large");
  co_await server.drain();
}

TEST(Http1Server, InvitesABodyThatWaits) {
  run(continues);
}

Task<void> keeps_alive(base::Loop& loop) {
  EchoServer server(loop);
  auto connection = co_await http::Connection::open(server.address());
  EXPECT_TRUE(connection);
  for (const std::size_t size : {0u, 1u, 100'000u, 5'000'000u}) {
    const std::string body(size, 'b');
    auto response =
        co_await (*connection)->send({.method = "POST", .path = "/echo", .body = body}, {});
    EXPECT_TRUE(response && response->status == 200 && response->body == body) << size;
  }
  auto events = co_await (*connection)->send({.method = "GET", .path = "/events"}, {});
  EXPECT_EQ(events->body, "data: 1\n\ndata: 2\n\ndata: 3\n\n");
  EXPECT_EQ(events->headers.find("content-type"), "text/event-stream");
  auto head = co_await (*connection)->send({.method = "HEAD", .path = "/events"}, {});
  EXPECT_TRUE(head && head->body.empty());
  EXPECT_EQ(server.metric("net_connections_total", "protocol=\"http1\""), 1);
  co_await server.drain();
  auto after = co_await (*connection)->send({.method = "GET", .path = "/echo"}, {});
  EXPECT_FALSE(after);
}

TEST(Http1Server, KeepsAConnectionForManyRequests) {
  run(keeps_alive);
}

Task<void> notices_leaving(base::Loop& loop) {
  EchoServer server(loop);
  {
    const auto stream = co_await server.connect();
    static_cast<void>(co_await stream->write(get("/wait")));
    static_cast<void>(co_await testing::read_until(
        *stream, [](const std::string& all) { return all.contains("begin"); }));
    EXPECT_EQ(server.state().waiting, 1);
  }
  const bool stopped = co_await testing::eventually([&] { return server.state().cancelled == 1; });
  EXPECT_TRUE(stopped);
  co_await server.drain();
}

TEST(Http1Server, StopsAStreamWhosePeerLeft) {
  run(notices_leaving);
}

Task<void> slow_requests(base::Loop& loop) {
  EchoServer server(loop, {.idle_timeout = 40ms, .request_timeout = 20ms});
  const std::string idle = co_await [](EchoServer& s) -> Task<std::string> {
    const auto stream = co_await s.connect();
    co_return co_await testing::read_all(*stream);
  }(server);
  EXPECT_EQ(idle, "");

  const char* beginnings[] = {"P", "GET / HT",
                              "POST /echo HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\nhell"};
  const char* wants[] = {"", "HTTP/1.1 408 Request Timeout", "HTTP/1.1 408 Request Timeout"};
  for (int i = 0; i < 3; ++i) {
    SCOPED_TRACE(beginnings[i]);
    const auto stream = co_await server.connect();
    static_cast<void>(co_await stream->write(beginnings[i]));
    const std::string answer = co_await testing::read_all(*stream);
    EXPECT_EQ(status_line(answer), wants[i]);
  }

  const auto kept = co_await server.connect();
  static_cast<void>(co_await kept->write(post({}, "hello")));
  const std::string answer = co_await testing::read_all(*kept);
  EXPECT_EQ(body_of(answer), "hello");
  EXPECT_EQ(server.metric("net_violations_total", "kind=\"request_timeout\""), 2);
  co_await server.drain();
}

TEST(Http1Server, EndsIdleAndSlowConnections) {
  run(slow_requests);
}

Task<void> slow_reader(base::Loop& loop) {
  EchoServer server(loop, {.body_bytes_max = 64u << 20, .request_timeout = 50ms});
  const auto stream = co_await server.connect();
  // It sends and never reads; only the answer's size matters, so the body goes as zeros in gzip.
  const std::string body = testing::compress(Coding::gzip, std::string(32u << 20, '\0'));
  static_cast<void>(co_await stream->write(post("content-encoding: gzip\r\n", body)));
  const bool ended = co_await testing::eventually(
      [&] { return server.metric("net_violations_total", "kind=\"slow_reader\"") == 1; });
  EXPECT_TRUE(ended);
  const bool closed =
      co_await testing::eventually([&] { return server.metric("net_connections_open") == 0; });
  EXPECT_TRUE(closed);
  co_await server.drain();
}

TEST(Http1Server, GivesUpOnAPeerThatDoesNotRead) {
  run(slow_reader);
}

Task<void> inflight(base::Loop& loop) {
  EchoServer server(loop, {.inflight_bytes_max = 5000});
  const auto first = co_await server.connect();
  const std::string half =
      "POST /echo HTTP/1.1\r\nhost: h\r\ncontent-length: 8000\r\n\r\n" + std::string(4000, 'x');
  static_cast<void>(co_await first->write(half));
  std::string second;
  while (!second.starts_with("HTTP/1.1 503")) second = co_await server.answer_to(half);
  EXPECT_NE(second.find("\r\nretry-after: 1\r\n"), second.npos) << second;
  EXPECT_EQ(server.metric("net_violations_total", "kind=\"too_much_in_flight\""), 1);
  co_await server.drain();
}

TEST(Http1Server, BoundsTheBodiesOfAllConnections) {
  run(inflight);
}

}  // namespace
}  // namespace net
