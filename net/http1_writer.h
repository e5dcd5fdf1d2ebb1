#pragma once

// HTTP/1.1 messages into bytes. Free of coroutines and sockets.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/message.h"

namespace net::http1 {

// How an answer's body is delimited.
struct Framing {
  enum class Kind : std::uint8_t { length, chunked, until_close };
  Kind kind = Kind::length;
  std::size_t length = 0;  // of the body, for Kind::length
  bool close = false;      // the connection ends after this answer
};

// The status line and header fields up to the empty line. Framing fields of `headers` are replaced
// by ours; characters that would break a line are dropped.
std::string response_head(int status, const http::Headers& headers, Framing framing);

// A request with a Content-Length body. `target` is sent as it is.
std::string request_text(const http::Request& request, std::string_view host);

// One chunk of a chunked body; the last one is empty.
std::string chunk(std::string_view bytes);

}  // namespace net::http1
