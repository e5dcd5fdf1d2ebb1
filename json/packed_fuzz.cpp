// Any bytes are unpacked or refused; what is unpacked, packed and unpacked again is the same, and
// so is any JSON.

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "json/packed.h"

namespace json {
namespace {

constexpr std::array<std::string_view, 4> words = {"at", "kind", "max", "value"};

void check_round(const Value& value) {
  std::string bytes;
  pack(value, words, bytes);
  const auto again = unpack(bytes, words);
  CHECK(again);
  CHECK(print(*again) == print(value));
}

}  // namespace
}  // namespace json

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto value = json::unpack(bytes, json::words)) json::check_round(*value);
  if (const auto value = json::parse(bytes)) json::check_round(*value);
  return 0;
}
