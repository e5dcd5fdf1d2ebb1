#pragma once

// Compression, for what tests and load send.

#include <string>
#include <string_view>

#include "net/inflate.h"

namespace net::testing {

// The whole of `bytes` in one member.
std::string compress(Coding coding, std::string_view bytes);
// Snappy's other format, in chunks.
std::string compress_framed(std::string_view bytes);
// Deflate without zlib's wrapping, as some clients send it.
std::string compress_raw(std::string_view bytes);

}  // namespace net::testing
