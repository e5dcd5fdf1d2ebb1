// gRPC's small formats: messages however they are cut, status messages there and back, timeouts.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "net/grpc_message.h"
#include "net/message.h"

namespace {

using namespace net::grpc;

constexpr std::size_t bytes_max = 4096;

Result<Message> read(std::string_view stream, std::size_t step) {
  MessageReader reader(bytes_max);
  for (std::size_t i = 0; i < stream.size(); i += step) {
    TRY_VOID(reader.feed(stream.substr(i, step)));
    CHECK(reader.held_bytes() <= bytes_max);
  }
  return reader.finish();
}

void check_reader(std::string_view bytes) {
  const auto whole = read(bytes, bytes.size() + 1);
  const auto cut = read(bytes, 1);
  CHECK(whole.has_value() == cut.has_value());
  if (whole) CHECK(whole->bytes == cut->bytes && whole->compressed == cut->compressed);
  if (!whole) CHECK(whole.error() == cut.error());

  const std::string_view message = bytes.substr(0, bytes_max);
  const Prefix prefix = frame_prefix(message.size());
  const auto back = read(std::string(prefix.data(), prefix.size()).append(message), 3);
  CHECK(back && back->bytes == message);
}

void check_texts(std::string_view bytes) {
  const std::string header = encode_status_message(bytes);
  CHECK(std::ranges::all_of(header, [](char c) { return c >= 0x20 && c < 0x7f; }));
  const std::string text = decode_status_message(header);
  CHECK(bytes.starts_with(text));
  CHECK(bytes.size() > 2000 || text == bytes);

  const auto decoded = net::http::percent_decode(bytes, true);
  if (decoded)
    CHECK(net::http::percent_decode(net::http::percent_encode(*decoded, ""), true) == *decoded);

  const auto timeout = parse_timeout(bytes);
  if (timeout) CHECK(*timeout >= Duration::zero());
  constexpr Duration year = std::chrono::hours(24 * 365);
  if (timeout && *timeout < year)
    CHECK(parse_timeout(format_timeout(*timeout)).value() >= *timeout);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_reader(bytes);
  check_texts(bytes);
  return 0;
}
