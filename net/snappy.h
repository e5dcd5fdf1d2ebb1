#pragma once

// Snappy, as HTTP and gRPC use it.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace net {

// One block, or the framed format, which begins with its own name: OpenTelemetry's clients send the
// one or the other under the name "snappy". Errors: exhausted (more than bytes_max), invalid
// (damaged or truncated).
Result<std::string> decompress_snappy(std::string_view bytes, std::size_t bytes_max);

// The checksum of the framed format, masked as it is sent.
std::uint32_t masked_crc32c(std::string_view bytes);

}  // namespace net
