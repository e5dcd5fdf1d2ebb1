#pragma once

// Decompression of whole bodies, with a bound on what comes out.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace net {

enum class Coding : std::uint8_t { identity, gzip, deflate, zstd, snappy };

// "gzip" (and "x-gzip"), "deflate", "zstd", "snappy" (and "x-snappy-framed"), "identity" and "", in
// any case; nullopt for what we do not read.
std::optional<Coding> parse_coding(std::string_view name);

// What gRPC is told that we read.
inline constexpr std::string_view read_codings = "identity,deflate,gzip,zstd,snappy";

// Decompresses `bytes`: gzip with any number of members; deflate as zlib writes it, or raw as some
// send it; zstd.h and snappy.h. bytes_max: the bound on the result; the work is bounded by it too.
// Errors: exhausted (more than bytes_max), invalid (damaged, truncated, or bytes after the end).
Result<std::string> inflate(Coding coding, std::string_view bytes, std::size_t bytes_max);

}  // namespace net
