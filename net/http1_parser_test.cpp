#include "net/http1_parser.h"

#include <gtest/gtest.h>

#include <variant>

#include "net/http1_writer.h"

namespace net::http1 {
namespace {

using namespace std::string_literals;

constexpr ParseLimits limits{.header_bytes_max = 1000, .body_bytes_max = 100};

// Feeds `bytes` in pieces of `step`, as a connection would: unused bytes come again with the next.
std::expected<http::Request, Refusal> parse(std::string_view bytes, std::size_t step) {
  RequestParser parser(limits);
  std::string buffer;
  for (std::size_t i = 0; i < bytes.size() && !parser.done(); i += step) {
    buffer += bytes.substr(i, step);
    const auto used = parser.feed(buffer);
    if (!used) return std::unexpected(used.error());
    buffer.erase(0, *used);
  }
  if (!parser.done()) return std::unexpected(Refusal{0, "incomplete"});
  return parser.take();
}

// "METHOD path ? query | body", or the refusing status; 0 is incomplete.
std::string outcome(std::string_view bytes, std::size_t step) {
  const auto request = parse(bytes, step);
  if (!request) return std::to_string(request.error().status);
  return request->method + " " + request->path + " ? " + request->query + " | " + request->body;
}

TEST(RequestParser, ReadsOrRefuses) {
  const std::string host = "host: h\r\n";
  const std::string chunked = "POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n";
  struct Case {
    const char* name;
    std::string bytes;
    const char* want;
  };
  const Case cases[] = {
      {"get", "GET /a HTTP/1.1\r\n" + host + "\r\n", "GET /a ?  | "},
      {"query", "GET /a?b=c&d HTTP/1.1\r\n" + host + "\r\n", "GET /a ? b=c&d | "},
      {"percent-decoded path", "GET /a%20b?c%20d HTTP/1.1\r\n" + host + "\r\n",
       "GET /a b ? c%20d | "},
      {"absolute form", "GET http://x:1/a?b HTTP/1.1\r\n" + host + "\r\n", "GET /a ? b | "},
      {"absolute form without path", "GET http://x HTTP/1.1\r\n" + host + "\r\n", "GET / ?  | "},
      {"asterisk", "OPTIONS * HTTP/1.1\r\n" + host + "\r\n", "OPTIONS * ?  | "},
      {"unknown method", "BREW /pot HTTP/1.1\r\n" + host + "\r\n", "BREW /pot ?  | "},
      {"http/1.0 without host", "GET / HTTP/1.0\r\n\r\n", "GET / ?  | "},
      {"content-length", "POST / HTTP/1.1\r\n" + host + "content-length: 5\r\n\r\nhello",
       "POST / ?  | hello"},
      {"length zero", "POST / HTTP/1.1\r\n" + host + "content-length: 0\r\n\r\n", "POST / ?  | "},
      {"chunks", chunked + "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", "POST / ?  | hello"},
      {"no chunk but the last", chunked + "0\r\n\r\n", "POST / ?  | "},
      {"fields after chunks", chunked + "1\r\nx\r\n0\r\nx-sum: 1\r\n\r\n", "POST / ?  | x"},
      {"body at the limit",
       "POST / HTTP/1.1\r\n" + host + "content-length: 100\r\n\r\n" + std::string(100, 'x'),
       nullptr},
      {"incomplete header", "GET / HTTP/1.1\r\nhost", "0"},
      {"incomplete body", "POST / HTTP/1.1\r\n" + host + "content-length: 5\r\n\r\nhell", "0"},
      {"incomplete chunk", chunked + "3\r\nhe", "0"},
      {"garbage", "\x16\x03\x01\x02\x00\x01\x00\x01", "400"},
      {"no host", "GET / HTTP/1.1\r\n\r\n", "400"},
      {"bad path encoding", "GET /%zz HTTP/1.1\r\n" + host + "\r\n", "400"},
      {"authority form", "CONNECT h:80 HTTP/1.1\r\n" + host + "\r\n", "400"},
      {"http/2 without preface", "GET / HTTP/2.0\r\n" + host + "\r\n", "505"},
      {"no version", "GET /\r\n" + host + "\r\n", "400"},
      {"space before the colon", "GET / HTTP/1.1\r\nhost : h\r\n\r\n", "400"},
      {"field without colon", "GET / HTTP/1.1\r\nhost\r\n\r\n", "400"},
      {"nul in a field", "GET / HTTP/1.1\r\nhost: h\0\r\n\r\n"s, "400"},
      {"two lengths",
       "POST / HTTP/1.1\r\n" + host + "content-length: 1\r\ncontent-length: 2\r\n\r\nx", "400"},
      {"length and chunks",
       "POST / HTTP/1.1\r\n" + host +
           "content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
       "400"},
      {"negative length", "POST / HTTP/1.1\r\n" + host + "content-length: -1\r\n\r\n", "400"},
      {"absurd length",
       "POST / HTTP/1.1\r\n" + host + "content-length: 99999999999999999999\r\n\r\n", "400"},
      {"unknown transfer encoding",
       "POST / HTTP/1.1\r\n" + host + "transfer-encoding: gzip\r\n\r\n", "501"},
      {"two transfer encodings",
       "POST / HTTP/1.1\r\n" + host + "transfer-encoding: gzip, chunked\r\n\r\n", "501"},
      {"unknown expectation", "POST / HTTP/1.1\r\n" + host + "expect: 200-ok\r\n\r\n", "417"},
      {"chunk size is no number", chunked + "zz\r\nx", "400"},
      {"chunk without its end", chunked + "1\r\nxy\r\n0\r\n\r\n", "400"},
      {"length over the limit", "POST / HTTP/1.1\r\n" + host + "content-length: 101\r\n\r\n",
       "413"},
      {"chunk over the limit", chunked + "65\r\nx", "413"},
      {"chunks over the limit",
       chunked + "64\r\n" + std::string(100, 'x') + "\r\n1\r\nx\r\n0\r\n\r\n", "413"},
      {"field over the limit", "GET / HTTP/1.1\r\nhost: " + std::string(1000, 'h') + "\r\n\r\n",
       "431"},
      {"target over the limit", "GET /" + std::string(1000, 'x') + " HTTP/1.1\r\n" + host + "\r\n",
       "431"},
  };
  for (const Case& c : cases) {
    for (const std::size_t step : {1, 2, 3, 4, 7, 10000}) {
      SCOPED_TRACE(c.name + " in pieces of "s + std::to_string(step));
      const std::string got = outcome(c.bytes, step);
      EXPECT_EQ(got, c.want != nullptr ? c.want : "POST / ?  | " + std::string(100, 'x'));
    }
  }
}

TEST(RequestParser, TakesAMessageCutInTwoAnywhere) {
  const std::string chunked = "POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n";
  for (const std::string& bytes : {chunked + "0\r\n\r\n", chunked + "2\r\nhi\r\n0\r\nx: y\r\n\r\n",
                                   "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\nhi"s}) {
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      SCOPED_TRACE(cut);
      RequestParser parser(limits);
      const auto used = parser.feed(bytes.substr(0, cut));
      ASSERT_TRUE(used);
      EXPECT_FALSE(parser.done());
      EXPECT_TRUE(parser.feed(bytes.substr(*used)));
      EXPECT_TRUE(parser.done());
    }
  }
}

TEST(RequestParser, CountsManySmallFieldsTogether) {
  std::string bytes = "GET / HTTP/1.1\r\nhost: h\r\n";
  for (int i = 0; i < 200; ++i) bytes += "a: b\r\n";
  for (const std::size_t step : {1, 50, 10000}) EXPECT_EQ(outcome(bytes + "\r\n", step), "431");
}

TEST(RequestParser, LeavesTheNextRequest) {
  const std::string first = "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\nhi";
  RequestParser parser(limits);
  EXPECT_EQ(parser.feed(first + "GET / HTTP/1.1\r\n"), first.size());
  EXPECT_TRUE(parser.done());
}

TEST(RequestParser, SaysWhatTheSenderExpects) {
  struct Case {
    const char* head;
    bool keep_alive;
    bool chunks_allowed;
    bool expects_continue;
  };
  const Case cases[] = {
      {"POST / HTTP/1.1\r\nhost: h\r\n", true, true, false},
      {"POST / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n", false, true, false},
      {"POST / HTTP/1.0\r\n", false, false, false},
      {"POST / HTTP/1.0\r\nconnection: keep-alive\r\n", true, false, false},
      {"POST / HTTP/1.1\r\nhost: h\r\nexpect: 100-Continue\r\n", true, true, true},
      {"POST / HTTP/1.0\r\nexpect: 100-continue\r\n", false, false, false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.head);
    RequestParser parser(limits);
    ASSERT_TRUE(parser.feed(c.head + "content-length: 1\r\n\r\n"s));
    EXPECT_TRUE(parser.head_done());
    EXPECT_EQ(parser.keep_alive(), c.keep_alive);
    EXPECT_EQ(parser.chunks_allowed(), c.chunks_allowed);
    EXPECT_EQ(parser.expects_continue(), c.expects_continue);
  }
}

// "status body", or the error's text.
std::string response_outcome(std::string_view bytes, ResponseParser::Body body, bool ended) {
  ResponseParser parser(limits, body);
  const auto fed = parser.feed(bytes);
  if (!fed) return "error";
  if (!parser.done() && ended) {
    const auto end = parser.end();
    if (!end) return end.error().what;
  }
  if (!parser.done()) return "more";
  const ResponseMessage message = parser.take();
  return std::to_string(message.status) + " " + message.body;
}

TEST(ResponseParser, ReadsOrRefuses) {
  using Body = ResponseParser::Body;
  struct Case {
    const char* name;
    std::string bytes;
    Body body;
    bool ended;
    const char* want;
  };
  const Case cases[] = {
      {"length", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", Body::expected, false, "200 hi"},
      {"chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
       Body::expected, false, "200 hi"},
      {"until the end", "HTTP/1.1 200 OK\r\n\r\nhi", Body::expected, true, "200 hi"},
      {"not ended yet", "HTTP/1.1 200 OK\r\n\r\nhi", Body::expected, false, "more"},
      {"no content", "HTTP/1.1 204 No Content\r\n\r\n", Body::expected, false, "204 "},
      {"to a head", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n", Body::none, false, "200 "},
      {"after an interim one",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", Body::expected,
       false, "200 "},
      {"cut in the body", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nh", Body::expected, true,
       "the connection closed inside the answer"},
      {"cut in the head", "HTTP/1.1 200 OK\r\ncont", Body::expected, true,
       "the connection closed inside the answer"},
      {"nothing", "", Body::expected, true, "the connection closed without an answer"},
      {"garbage", "SSH-2.0-OpenSSH_9\r\n", Body::expected, true, "error"},
      {"too much", "HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n", Body::expected, false,
       "error"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(response_outcome(c.bytes, c.body, c.ended), c.want);
  }
}

TEST(ResponseHead, FramesAndCleansItsFields) {
  const http::Headers headers{
      {"x-a", "b\r\nset-cookie: c"}, {"Content-Length", "99"}, {"connection", "upgrade"}};
  EXPECT_EQ(response_head(200, headers, {.kind = Framing::Kind::length, .length = 3}),
            "HTTP/1.1 200 OK\r\nx-a: bset-cookie: c\r\ncontent-length: 3\r\n\r\n");
  EXPECT_EQ(response_head(204, {}, {.kind = Framing::Kind::length, .close = true}),
            "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
  EXPECT_EQ(response_head(200, {}, {.kind = Framing::Kind::chunked}),
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
  EXPECT_EQ(chunk("hello, world"), "c\r\nhello, world\r\n");
  EXPECT_EQ(chunk({}), "0\r\n\r\n");
}

TEST(RequestText, IsReadBack) {
  http::Request request{.method = "POST", .path = "/v1/metrics", .query = "a=b", .body = "hi"};
  request.headers.add("content-type", "text/plain");
  const auto read = parse(request_text(request, "h:1"), 1000);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->method, "POST");
  EXPECT_EQ(read->path, "/v1/metrics");
  EXPECT_EQ(read->query, "a=b");
  EXPECT_EQ(read->body, "hi");
  EXPECT_EQ(read->headers.find("host"), "h:1");
}

}  // namespace
}  // namespace net::http1
