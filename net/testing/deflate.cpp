#include "net/testing/deflate.h"

#include <libdeflate.h>

#include <memory>

#include "base/check.h"

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
  }
  return {};
}

std::string compress_raw(std::string_view bytes) {
  return run(bytes, libdeflate_deflate_compress_bound, libdeflate_deflate_compress);
}

}  // namespace net::testing
