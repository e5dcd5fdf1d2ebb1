#pragma once

// The little of UTF-8 that a formula needs.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace scale::formula {

// The offset of the first byte that is not well-formed UTF-8; the size when all is.
std::size_t first_bad_utf8(std::string_view text);

// How many characters (code points) well-formed text has.
std::size_t characters(std::string_view text);

// Appends a code point. False, and nothing appended, for what is none.
bool append_utf8(std::uint32_t code_point, std::string& to);

}  // namespace scale::formula
