#include "proto/utf8.h"

#include <cstddef>

namespace proto {
namespace {

bool continues(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

// Bounds of the second byte: they keep out overlong forms, surrogates and what lies past U+10FFFF.
bool second_fits(unsigned char lead, unsigned char second) {
  switch (lead) {
    case 0xE0:
      return second >= 0xA0 && second <= 0xBF;
    case 0xED:
      return second >= 0x80 && second <= 0x9F;
    case 0xF0:
      return second >= 0x90 && second <= 0xBF;
    case 0xF4:
      return second >= 0x80 && second <= 0x8F;
    default:
      return continues(second);
  }
}

// Length of the sequence that `lead` opens; 0 when it opens none.
std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

}  // namespace

bool is_utf8_beyond_ascii(std::string_view bytes) {
  const auto at = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  std::size_t i = 0;
  while (i < bytes.size()) {
    const std::size_t length = sequence_length(at(i));
    if (length == 0 || bytes.size() - i < length) return false;
    if (length > 1 && !second_fits(at(i), at(i + 1))) return false;
    for (std::size_t k = 2; k < length; ++k) {
      if (!continues(at(i + k))) return false;
    }
    i += length;
  }
  return true;
}

}  // namespace proto
