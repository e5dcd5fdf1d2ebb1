#pragma once

// Whether bytes are text.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace proto {

// True when no byte has its highest bit set.
inline bool is_ascii(std::string_view bytes) {
  constexpr std::size_t word = sizeof(std::uint64_t);
  constexpr std::uint64_t high_bits = 0x8080808080808080u;
  const auto load = [&](std::size_t at) {
    std::uint64_t eight;
    std::memcpy(&eight, bytes.data() + at, word);
    return eight;
  };
  std::uint64_t seen = 0;
  if (bytes.size() < word) {
    for (const char c : bytes) seen |= static_cast<unsigned char>(c);
    return (seen & 0x80) == 0;
  }
  for (std::size_t at = 0; at + word < bytes.size(); at += word) seen |= load(at);
  seen |= load(bytes.size() - word);  // the last word overlaps the one before
  return (seen & high_bits) == 0;
}

bool is_utf8_beyond_ascii(std::string_view bytes);

// True when `bytes` are well-formed UTF-8: no overlong form, no surrogate, nothing past U+10FFFF.
// Source: Unicode, table 3-7.
inline bool is_utf8(std::string_view bytes) {
  return is_ascii(bytes) || is_utf8_beyond_ascii(bytes);
}

}  // namespace proto
