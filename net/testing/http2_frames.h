#pragma once

// HTTP/2 frames by hand, right and wrong ones, and a reader of what a server sends back.

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http2.h"

namespace net::testing {

using Fields = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::uint8_t end_stream = 0x1;
inline constexpr std::uint8_t end_headers = 0x4;

// Any frame: RFC 9113 section 4.1.
std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload);
// Fields as literals that nobody indexes.
std::string header_block(const Fields& fields);
std::string headers(std::uint32_t stream, const Fields& fields, std::uint8_t flags = end_headers);
std::string data(std::uint32_t stream, std::string_view bytes, std::uint8_t flags = 0);
std::string settings(std::string_view payload = {});
std::string settings_ack();
std::string ping();
std::string reset(std::uint32_t stream, std::uint32_t error);
std::string window_update(std::uint32_t stream, std::uint32_t bytes);
// The preface with empty settings.
std::string opening();

// The fields of a gRPC request for `method`, with `more` after them.
Fields grpc_fields(std::string_view method, const Fields& more = {});
// One gRPC message with its prefix.
std::string grpc_message(std::string_view message, bool compressed = false);
// A whole unary call.
std::string unary(std::uint32_t stream, std::string_view method, std::string_view message);

// What a server said on one stream.
struct Answer {
  Fields fields;  // of head and trailers
  std::string body;
  bool ended = false;
  int reset = -1;  // its error code

  std::string field(std::string_view name) const;  // empty when it is not there
};

// Reads what a server sends.
class FrameReader {
 public:
  FrameReader();
  void feed(std::string_view bytes);

  const Answer& on(std::uint32_t stream) { return answers_[stream]; }
  int goaway() const { return goaway_; }  // its last error code; -1 when there was none
  std::uint32_t goaway_last_stream() const { return goaway_last_stream_; }
  int goaways() const { return goaways_; }
  int pings() const { return pings_; }  // asked by the server
  int ping_acks() const { return ping_acks_; }

 private:
  void take(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload);
  void take_fields(Answer& answer, std::string_view block);

  std::string buffer_;
  std::shared_ptr<nghttp2_hd_inflater> inflater_;
  std::map<std::uint32_t, Answer> answers_;
  int goaway_ = -1;
  std::uint32_t goaway_last_stream_ = 0;
  int goaways_ = 0;
  int pings_ = 0;
  int ping_acks_ = 0;
};

}  // namespace net::testing
