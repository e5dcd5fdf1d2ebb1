#pragma once

// The least that can be done with an OTLP body: a walk without checks over bytes that are ours.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace floors {

struct Field {
  std::uint32_t number;
  std::string_view bytes;  // of a length-delimited field, or the eight bytes of a fixed one
};

// Calls visit(Field) for each field of the message; those of one or more varint bytes come without
// bytes. The message must be whole and well formed.
template <class Visit>
void walk(std::string_view message, Visit visit) {
  const char* at = message.data();
  const char* const end = at + message.size();
  const auto varint = [&at] {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at++);
      value |= std::uint64_t{byte & 127u} << shift;
      if (byte < 128) return value;
    }
  };
  const auto bytes = [&at](std::size_t length) {
    const std::string_view view(at, length);
    at += length;
    return view;
  };
  while (at < end) {
    const std::uint64_t tag = varint();
    Field field{.number = static_cast<std::uint32_t>(tag >> 3), .bytes = {}};
    switch (tag & 7) {
      case 1:
        field.bytes = bytes(8);
        break;
      case 2: {
        const std::size_t length = varint();
        field.bytes = bytes(length);
        break;
      }
      case 5:
        bytes(4);
        break;
      default:
        varint();
    }
    visit(field);
  }
}

template <class T>
T value_of(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace floors
