#pragma once

// The texts and bytes of gRPC that are not HTTP/2's: framed messages, status messages, timeouts.
// Free of coroutines. Source: gRPC over HTTP/2 (PROTOCOL-HTTP2 of the gRPC project).

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace net::grpc {

// On the wire:  | compressed: 1 byte, 0 or 1 | length: 4 bytes, big-endian | message |
inline constexpr std::size_t prefix_bytes = 5;
using Prefix = std::array<char, prefix_bytes>;

Prefix frame_prefix(std::size_t message_bytes);  // of an uncompressed message below 4 GiB

struct Message {
  bool compressed = false;
  std::string bytes;
};

// Collects one message after the other.
class MessageReader {
 public:
  explicit MessageReader(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  // Takes the next bytes of a stream that holds one message, cut anywhere.
  // Errors: exhausted (longer than the limit), bad_data (bad flag, more than one message).
  Result<void> feed(std::string_view bytes);

  // The same for a stream of messages: takes no more than the rest of the current one and returns
  // how many bytes that were. Errors: exhausted, bad_data (bad flag).
  Result<std::size_t> feed_one(std::string_view bytes);
  bool whole() const { return prefix_filled_ == prefix_bytes && message_.bytes.size() == length_; }
  bool empty() const { return prefix_filled_ == 0; }

  // The message, when it is whole or the stream has ended; the next one may follow.
  // Errors: bad_data (no message, or only a part of one).
  Result<Message> finish();

  // How much is held.
  std::size_t held_bytes() const { return message_.bytes.size(); }

 private:
  Result<void> take_prefix(std::string_view& bytes);

  std::size_t message_bytes_max_;
  Prefix prefix_{};
  std::size_t prefix_filled_ = 0;
  std::size_t length_ = 0;
  Message message_;
};

// The message of a stream that has ended, decompressed. `encoding`: its grpc-encoding.
// Errors: bad_data (not one whole message, or damaged compression), exhausted (more than
// bytes_max).
Result<std::string> read_message(MessageReader& reader, std::string_view encoding,
                                 std::size_t bytes_max);

// A status message fit for a header: printable ASCII stays, everything else and '%' is
// percent-encoded; cut to a length that every peer's header limit takes.
std::string encode_status_message(std::string_view text);

// The reverse; text that is no percent-encoding stays as it is.
std::string decode_status_message(std::string_view text);

// "10S", "100m": at most eight digits and a unit of H M S m u n. Errors: invalid.
Result<Duration> parse_timeout(std::string_view text);

// The same text for a timeout to be sent; at least one millisecond.
std::string format_timeout(Duration timeout);

// "application/grpc", alone or followed by '+' or ';'.
bool is_grpc_content_type(std::string_view text);

}  // namespace net::grpc
