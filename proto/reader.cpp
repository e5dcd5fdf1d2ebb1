#include "proto/reader.h"

#include <fmt/format.h>
#include <protozero/exception.hpp>
#include <protozero/varint.hpp>

#include <array>
#include <bit>

namespace proto {

static_assert(std::endian::native == std::endian::little);

void Reader::skip() {
  unread_ = false;
  switch (wire_) {
    case Wire::varint:
      varint();
      return;
    case Wire::fixed64:
      fixed<std::uint64_t>();
      return;
    case Wire::length:
      delimited();
      return;
    case Wire::fixed32:
      fixed<std::uint32_t>();
      return;
  }
  stop(Problem::bad_wire_type);  // groups, and the two numbers that mean nothing
}

std::uint64_t Reader::long_varint() {
  try {
    return protozero::decode_varint(&at_, end_);
  } catch (const protozero::varint_too_long_exception&) {
    stop(Problem::varint_too_long);
  } catch (const protozero::end_of_buffer_exception&) {
    stop(Problem::cut_short);
  }
  return 0;
}

Error Reader::error() const {
  constexpr std::array<std::string_view, 8> texts = {
      "",
      "cut short",
      "integer of more than 64 bits",
      "followed by a field number that cannot be",
      "of an unknown wire type",
      "of the wrong wire type",
      "not UTF-8",
      "nested too deep",
  };
  const auto text = texts.at(static_cast<std::size_t>(problem_));
  return {Code::invalid, fmt::format("field {}: {}", field_, text)};
}

}  // namespace proto
