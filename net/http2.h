#pragma once

// Small pieces that both sides of an HTTP/2 connection share.

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace net::http2 {

// What a client's connection opens with. Source: RFC 9113 section 3.4.
inline constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

struct Free {
  void operator()(nghttp2_session* s) const { nghttp2_session_del(s); }
  void operator()(nghttp2_session_callbacks* c) const { nghttp2_session_callbacks_del(c); }
  void operator()(nghttp2_option* o) const { nghttp2_option_del(o); }
};
using Session = std::unique_ptr<nghttp2_session, Free>;
using Callbacks = std::unique_ptr<nghttp2_session_callbacks, Free>;
using Option = std::unique_ptr<nghttp2_option, Free>;

Callbacks make_callbacks();
Option make_option();

// A header field for sending. Both texts live until the submit call returns; `name` is a literal.
nghttp2_nv field(std::string_view name, std::string_view value);

inline std::string_view view(const std::uint8_t* bytes, std::size_t length) {
  return {reinterpret_cast<const char*>(bytes), length};
}

// Sends what the session wants to send: appends to `out` until it holds `bytes_max` or nothing is
// left.
void collect(nghttp2_session* session, std::string& out, std::size_t bytes_max);

// Windows for large messages: one stream's, and that of the whole connection.
inline constexpr std::int32_t stream_window_bytes = 1 << 20;
inline constexpr std::int32_t connection_window_bytes = 8 << 20;

}  // namespace net::http2
