#include "net/grpc_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "net/inflate.h"
#include "net/message.h"

namespace net::grpc {
namespace {

constexpr std::size_t status_message_bytes_max = 2048;
// A stated length is believed only this far before so many bytes are there. Room that nothing came
// for is address space, not memory.
constexpr std::size_t reserve_max = 1u << 20;
constexpr std::size_t timeout_digits_max = 8;

struct UnitRow {
  char unit;
  Duration length;
};

constexpr std::array units = {
    UnitRow{'H', std::chrono::hours(1)},        UnitRow{'M', std::chrono::minutes(1)},
    UnitRow{'S', std::chrono::seconds(1)},      UnitRow{'m', std::chrono::milliseconds(1)},
    UnitRow{'u', std::chrono::microseconds(1)}, UnitRow{'n', std::chrono::nanoseconds(1)},
};

// Not longer than `bytes_max`, and not cut inside a UTF-8 sequence.
std::string_view shortened(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

std::size_t read_length(const Prefix& prefix) {
  std::size_t length = 0;
  for (std::size_t i = 1; i < prefix_bytes; ++i)
    length = length << 8 | static_cast<unsigned char>(prefix[i]);
  return length;
}

}  // namespace

Prefix frame_prefix(std::size_t message_bytes) {
  Prefix prefix{};
  for (std::size_t i = 0; i < 4; ++i) prefix[4 - i] = static_cast<char>(message_bytes >> (8 * i));
  return prefix;
}

// Moves bytes into the prefix until it is full; then checks it.
Result<void> MessageReader::take_prefix(std::string_view& bytes) {
  const std::size_t n = std::min(prefix_bytes - prefix_filled_, bytes.size());
  std::ranges::copy(bytes.substr(0, n),
                    prefix_.begin() + static_cast<std::ptrdiff_t>(prefix_filled_));
  prefix_filled_ += n;
  bytes.remove_prefix(n);
  if (prefix_filled_ < prefix_bytes) return {};

  const auto flag = static_cast<unsigned char>(prefix_[0]);
  if (flag > 1) return fail(Code::bad_data, fmt::format("bad message flag {}", flag));
  message_.compressed = flag == 1;
  length_ = read_length(prefix_);
  if (length_ > message_bytes_max_) {
    return fail(Code::exhausted, fmt::format("message of {} bytes is over the limit of {}", length_,
                                             message_bytes_max_));
  }
  message_.bytes.reserve(std::min(length_, reserve_max));
  return {};
}

Result<void> MessageReader::feed(std::string_view bytes) {
  TRY(const std::size_t used, feed_one(bytes));
  if (used < bytes.size()) return fail(Code::bad_data, "more than one message");
  return {};
}

Result<std::size_t> MessageReader::feed_one(std::string_view bytes) {
  const std::size_t before = bytes.size();
  if (prefix_filled_ < prefix_bytes) TRY_VOID(take_prefix(bytes));
  const std::string_view part = bytes.substr(0, length_ - message_.bytes.size());
  if (message_.bytes.size() + part.size() > message_.bytes.capacity())
    message_.bytes.reserve(length_);
  message_.bytes += part;
  return before - bytes.size() + part.size();
}

Result<Message> MessageReader::finish() {
  if (prefix_filled_ == 0) return fail(Code::bad_data, "no message");
  if (prefix_filled_ < prefix_bytes || message_.bytes.size() < length_) {
    return fail(Code::bad_data, "ended inside a message");
  }
  prefix_filled_ = 0;
  length_ = 0;
  return std::exchange(message_, {});
}

Result<std::string> read_message(MessageReader& reader, std::string_view encoding,
                                 std::size_t bytes_max) {
  TRY(auto message, reader.finish());
  if (!message.compressed) return std::move(message.bytes);
  const auto coding = parse_coding(encoding);
  if (!coding || *coding == Coding::identity)
    return fail(Code::bad_data, "compressed without a grpc-encoding");
  auto bytes = inflate(*coding, message.bytes, bytes_max);
  if (!bytes && bytes.error().code == Code::invalid)
    return fail(Code::bad_data, bytes.error().what);
  return bytes;
}

std::string encode_status_message(std::string_view text) {
  // Everything printable but '%'.
  constexpr std::string_view kept = " !\"#$&'()*+,/:;<=>?@[\\]^`{|}";
  return http::percent_encode(shortened(text, status_message_bytes_max), kept);
}

std::string decode_status_message(std::string_view text) {
  return http::percent_decode(text, false).value_or(std::string(text));
}

Result<Duration> parse_timeout(std::string_view text) {
  const auto bad = [text] {
    return fail(Code::invalid, fmt::format("malformed grpc-timeout \"{}\"", text));
  };
  if (text.size() < 2 || text.size() > timeout_digits_max + 1) return bad();
  const auto unit = std::ranges::find(units, text.back(), &UnitRow::unit);
  if (unit == units.end()) return bad();
  std::int64_t amount = 0;
  const std::string_view digits = text.substr(0, text.size() - 1);
  if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return bad();
  std::from_chars(digits.data(), digits.data() + digits.size(), amount);
  // 99999999 hours would overflow nanoseconds.
  if (amount > Duration::max() / unit->length) return Duration::max();
  return amount * unit->length;
}

std::string format_timeout(Duration timeout) {
  constexpr std::int64_t amount_max = 99'999'999;
  // Rounded up: the peer never gives up before we do.
  const auto ms =
      std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::milliseconds>(timeout).count());
  return ms <= amount_max ? fmt::format("{}m", ms)
                          : fmt::format("{}S", std::min(ms / 1000 + 1, amount_max));
}

bool is_grpc_content_type(std::string_view text) {
  constexpr std::string_view name = "application/grpc";
  if (text.size() < name.size() || !http::same_word(text.substr(0, name.size()), name))
    return false;
  return text.size() == name.size() || text[name.size()] == '+' || text[name.size()] == ';';
}

}  // namespace net::grpc
