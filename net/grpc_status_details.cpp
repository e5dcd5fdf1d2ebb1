#include "net/grpc_status_details.h"

#include <cstdint>
#include <string_view>

#include "base/base64.h"

namespace net::grpc {
namespace {

constexpr std::string_view retry_info_type = "type.googleapis.com/google.rpc.RetryInfo";

constexpr std::uint32_t varint_wire_type = 0;
constexpr std::uint32_t length_delimited = 2;

void put_varint(std::string& out, std::uint64_t number) {
  for (; number > 127; number >>= 7) out += static_cast<char>((number & 127) | 128);
  out += static_cast<char>(number);
}

std::string number(std::uint32_t field, std::uint64_t value) {
  std::string out;
  put_varint(out, field << 3 | varint_wire_type);
  put_varint(out, value);
  return out;
}

std::string bytes(std::uint32_t field, std::string_view content) {
  std::string out;
  put_varint(out, field << 3 | length_delimited);
  put_varint(out, content.size());
  return out.append(content);
}

}  // namespace

std::string retry_details(const Status& status) {
  const auto seconds = static_cast<std::uint64_t>(status.retry_after.count());
  const std::string retry_info = bytes(1, number(1, seconds));  // retry_delay { seconds }
  const std::string any = bytes(1, retry_info_type) + bytes(2, retry_info);
  std::string text = base::encode_base64(number(1, static_cast<std::uint64_t>(status.code)) +
                                         bytes(2, status.message) + bytes(3, any));
  while (text.ends_with('=')) text.pop_back();
  return text;
}

}  // namespace net::grpc
