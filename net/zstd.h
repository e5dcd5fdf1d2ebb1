#pragma once

// Zstandard, as HTTP and gRPC use it.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace net {

// Any number of frames, one after the other; windows up to 8 MiB, as RFC 9659 has it for HTTP.
// Errors: exhausted (more than bytes_max), invalid (damaged, truncated, a larger window).
Result<std::string> decompress_zstd(std::string_view bytes, std::size_t bytes_max);

}  // namespace net
