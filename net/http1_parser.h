#pragma once

// HTTP/1.1 messages out of bytes. Free of coroutines and sockets.

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "net/message.h"

namespace net::http1 {

struct ParseLimits {
  std::size_t header_bytes_max = 64u << 10;
  std::size_t body_bytes_max = 16u << 20;  // as it travels; decompression has its own bound
};

// A message that is not accepted: the status that says so, and why.
struct Refusal {
  int status = 400;
  std::string why;
};

// Reads one message, then is done. Source: RFC 9112.
class RequestParser {
 public:
  explicit RequestParser(ParseLimits limits);
  ~RequestParser();
  RequestParser(RequestParser&&) noexcept;
  RequestParser& operator=(RequestParser&&) noexcept;

  // Returns how many of `bytes` were used. The rest belongs to the next message, or has to come
  // again together with more. After a refusal the connection cannot go on.
  std::expected<std::size_t, Refusal> feed(std::string_view bytes);

  bool head_done() const;          // the header has arrived
  bool done() const;               // all of it has
  bool expects_continue() const;   // the sender waits for "100 Continue"
  bool keep_alive() const;         // the sender will accept another answer afterwards
  bool chunks_allowed() const;     // the sender speaks HTTP/1.1
  std::size_t body_bytes() const;  // of the body so far

  // The message once it is done, its body as it travelled.
  http::Request take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What a response parser yields: http::Response without its coroutine.
struct ResponseMessage {
  int status = 0;
  http::Headers headers;
  std::string body;
};

// As RequestParser, for the answer to one request. Interim answers (1xx) are skipped.
class ResponseParser {
 public:
  enum class Body {
    expected,
    none,      // the answer to a HEAD
    streamed,  // take_body() is called meanwhile; the limit is for what waits in between
  };

  ResponseParser(ParseLimits limits, Body body);
  ~ResponseParser();
  ResponseParser(ResponseParser&&) noexcept;
  ResponseParser& operator=(ResponseParser&&) noexcept;

  // Errors: bad_data; exhausted when over a limit.
  Result<std::size_t> feed(std::string_view bytes);
  // The peer ended its side. Errors: bad_data when the message is not complete.
  Result<void> end();

  bool head_done() const;  // the header of the final answer has arrived
  bool done() const;
  bool keep_alive() const;
  // Status and fields, once head_done().
  ResponseMessage take_head();
  // The body so far.
  std::string take_body();
  // What has not been taken.
  ResponseMessage take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace net::http1
