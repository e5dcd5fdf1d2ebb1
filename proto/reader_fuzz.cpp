// The reader accepts exactly the bytes that a slow, obvious walk of the wire format accepts.

#include "proto/reader.h"

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/check.h"

namespace {

std::optional<std::uint64_t> varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (bytes.empty()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

bool drop(std::string_view& bytes, std::uint64_t n) {
  if (n > bytes.size()) return false;
  bytes.remove_prefix(n);
  return true;
}

bool skip_value(std::string_view& bytes, std::uint64_t wire) {
  if (wire == 0) return varint(bytes).has_value();
  if (wire == 1) return drop(bytes, 8);
  if (wire == 5) return drop(bytes, 4);
  if (wire != 2) return false;
  const auto length = varint(bytes);
  return length && drop(bytes, *length);
}

bool is_message(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto tag = varint(bytes);
    if (!tag || *tag >> 3 == 0 || *tag >> 32 != 0) return false;
    if (!skip_value(bytes, *tag & 7)) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  proto::Reader in(bytes);
  while (in.next()) {
  }
  CHECK(in.finish().has_value() == is_message(bytes));
  return 0;
}
