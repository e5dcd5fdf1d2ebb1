#include "net/inflate.h"

#include <fmt/format.h>
#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>

#include "base/check.h"
#include "net/message.h"
#include "net/snappy.h"
#include "net/zstd.h"

namespace net {
namespace {

struct Free {
  void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
};
using Decompressor = std::unique_ptr<libdeflate_decompressor, Free>;

// The best that deflate can do: 258 bytes out of two bits.
constexpr std::size_t ratio_max = 1032;
constexpr std::size_t first_guess_min = 1024;

struct CodingName {
  std::string_view name;
  Coding coding;
};

constexpr std::array coding_names = {
    CodingName{"", Coding::identity},
    CodingName{"deflate", Coding::deflate},
    CodingName{"gzip", Coding::gzip},
    CodingName{"identity", Coding::identity},
    CodingName{"snappy", Coding::snappy},
    CodingName{"x-gzip", Coding::gzip},
    CodingName{"x-snappy-framed", Coding::snappy},
    CodingName{"zstd", Coding::zstd},
};

using Decompress = libdeflate_result (*)(libdeflate_decompressor*, const void*, std::size_t, void*,
                                         std::size_t, std::size_t*, std::size_t*);

// One member's worth of progress.
struct Step {
  libdeflate_result result;
  std::size_t used = 0;
  std::size_t made = 0;
};

Step step(Decompress decompress, libdeflate_decompressor* d, std::string_view in,
          std::span<char> out) {
  Step s{};
  s.result = decompress(d, in.data(), in.size(), out.data(), out.size(), &s.used, &s.made);
  return s;
}

// What a gzip body says of its own size (exact for one member below 4 GiB), made plausible.
std::size_t first_guess(std::string_view in, std::size_t bytes_max) {
  std::size_t stated = 0;
  for (std::size_t i = 0; i < 4 && in.size() >= 18; ++i) {
    stated |= static_cast<std::size_t>(static_cast<unsigned char>(in[in.size() - 4 + i]))
              << (8 * i);
  }
  const std::size_t plausible = std::min(stated, in.size() * ratio_max);
  return std::min(std::max({plausible, in.size() * 2, first_guess_min}), bytes_max);
}

// Repeats with twice the room until it fits. Every member starts over in the new room, so the work
// is at most twice that of knowing the size.
Result<std::string> run(Decompress decompress, std::string_view in, std::size_t bytes_max) {
  const Decompressor decompressor(libdeflate_alloc_decompressor());
  CHECK(decompressor != nullptr);
  std::string out;
  std::size_t room = first_guess(in, bytes_max);
  for (std::size_t made = 0;;) {
    Step s{};
    out.resize_and_overwrite(room, [&](char* data, std::size_t size) {
      s = step(decompress, decompressor.get(), in, {data + made, size - made});
      return s.result == LIBDEFLATE_SUCCESS ? made + s.made : made;
    });
    if (s.result == LIBDEFLATE_INSUFFICIENT_SPACE) {
      if (room >= bytes_max) {
        return fail(Code::exhausted,
                    fmt::format("more than {} bytes after decompression", bytes_max));
      }
      room = std::min(room * 2, bytes_max);
      continue;
    }
    if (s.result != LIBDEFLATE_SUCCESS)
      return fail(Code::invalid, "damaged or truncated compressed data");
    made += s.made;
    in.remove_prefix(s.used);
    if (in.empty()) return out;
    if (decompress != libdeflate_gzip_decompress_ex) {
      return fail(Code::invalid, "bytes after the end of the compressed data");
    }
  }
}

}  // namespace

std::optional<Coding> parse_coding(std::string_view name) {
  for (const CodingName& row : coding_names) {
    if (http::same_word(row.name, name)) return row.coding;
  }
  return std::nullopt;
}

Result<std::string> inflate(Coding coding, std::string_view bytes, std::size_t bytes_max) {
  switch (coding) {
    case Coding::identity:
      if (bytes.size() > bytes_max)
        return fail(Code::exhausted, fmt::format("more than {} bytes", bytes_max));
      return std::string(bytes);
    case Coding::gzip:
      return run(libdeflate_gzip_decompress_ex, bytes, bytes_max);
    case Coding::deflate: {
      auto wrapped = run(libdeflate_zlib_decompress_ex, bytes, bytes_max);
      if (wrapped || wrapped.error().code == Code::exhausted) return wrapped;
      return run(libdeflate_deflate_decompress_ex, bytes, bytes_max);
    }
    case Coding::zstd:
      return decompress_zstd(bytes, bytes_max);
    case Coding::snappy:
      return decompress_snappy(bytes, bytes_max);
  }
  return fail(Code::internal, "unknown coding");
}

}  // namespace net
