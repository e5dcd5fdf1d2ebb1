#include "net/testing/deflate.h"

#include <libdeflate.h>
#include <snappy.h>
#include <zstd.h>

#include <memory>

#include "base/check.h"
#include "net/snappy.h"

namespace net::testing {
namespace {

struct Free {
  void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
};

constexpr int level = 6;

template <class Bound, class Compress>
std::string run(std::string_view bytes, Bound bound, Compress compress) {
  const std::unique_ptr<libdeflate_compressor, Free> compressor(libdeflate_alloc_compressor(level));
  CHECK(compressor != nullptr);
  std::string out(bound(compressor.get(), bytes.size()), '\0');
  out.resize(compress(compressor.get(), bytes.data(), bytes.size(), out.data(), out.size()));
  return out;
}

}  // namespace

std::string compress(Coding coding, std::string_view bytes) {
  switch (coding) {
    case Coding::identity:
      return std::string(bytes);
    case Coding::gzip:
      return run(bytes, libdeflate_gzip_compress_bound, libdeflate_gzip_compress);
    case Coding::deflate:
      return run(bytes, libdeflate_zlib_compress_bound, libdeflate_zlib_compress);
    case Coding::zstd: {
      std::string out(ZSTD_compressBound(bytes.size()), '\0');
      out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 1));
      return out;
    }
    case Coding::snappy: {
      std::string out;
      snappy::Compress(bytes.data(), bytes.size(), &out);
      return out;
    }
  }
  return {};
}

std::string compress_framed(std::string_view bytes) {
  constexpr std::size_t chunk_max = 64u << 10;
  std::string out("\xff\x06\x00\x00sNaPpY", 10);
  const auto append_number = [&out](std::size_t number, int width) {
    for (int i = 0; i < width; ++i) out += static_cast<char>(number >> (8 * i));
  };
  for (bool packed = true; !bytes.empty(); packed = !packed) {
    const std::string_view part = bytes.substr(0, chunk_max);
    bytes.remove_prefix(part.size());
    const std::string held = packed ? compress(Coding::snappy, part) : std::string(part);
    out += packed ? '\x00' : '\x01';
    append_number(held.size() + 4, 3);
    append_number(masked_crc32c(part), 4);
    out += held;
  }
  return out;
}

std::string compress_raw(std::string_view bytes) {
  return run(bytes, libdeflate_deflate_compress_bound, libdeflate_deflate_compress);
}

}  // namespace net::testing
