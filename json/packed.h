#pragma once

// JSON values in few bytes, for what we keep ourselves: words of a dictionary become one byte, our
// times nine. Pure functions.
//
// One value is a tag byte, then what the tag says. Varints are little endian, seven bits a byte,
// the high bit set on all but the last; signed ones are zigzag first.
//
//   0x00 null   0x01 false   0x02 true
//   0x03 integer    varint, signed
//   0x04 double     8 bytes, little endian
//   0x05 string     varint length, bytes
//   0x06 array      varint count, that many values
//   0x07 object     varint count, that many pairs of string (0x05 or 0x80..) and value
//   0x08 time       8 bytes, little endian, ns since 1970: the text of base::format_time_ns
//   0x09 integer above 2^63-1: varint
//   0x0a double that is a whole number: varint, signed
//   0x40..0x7f  the integers 0..63
//   0x80..0xff  the words 0..127 of the dictionary

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "json/json.h"

namespace json {

// Sorted; at most 128 words. What was packed with one dictionary is unpacked with the same one.
using Dictionary = std::span<const std::string_view>;
inline constexpr std::size_t dictionary_max = 128;

// Appends `value` to `out`. NaN and infinities become null, as in print().
void pack(const Value& value, Dictionary dictionary, std::string& out);

// Reads exactly one value, of at most 64 nested levels. Errors: bad_data, with the byte offset.
Result<Value> unpack(std::string_view bytes, Dictionary dictionary);

}  // namespace json
