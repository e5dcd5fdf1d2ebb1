// Decompression: what zlib accepts, we accept with the same result; what we compress, we read back;
// bounds hold. Input: one byte for the coding, then the compressed bytes.

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "net/inflate.h"
#include "net/testing/deflate.h"

namespace {

constexpr std::size_t bytes_max = 64u << 10;

// zlib's window bits for each coding.
int window_bits(net::Coding coding) {
  return coding == net::Coding::gzip ? 15 + 16 : 15;
}

// One member after the other, with zlib; nullopt when it finds fault.
std::optional<std::string> with_zlib(net::Coding coding, std::string_view bytes) {
  std::string out(bytes_max, '\0');
  std::size_t made = 0;
  do {
    z_stream stream{};
    CHECK(inflateInit2(&stream, window_bits(coding)) == Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + made);
    stream.avail_out = static_cast<uInt>(out.size() - made);
    const int status = ::inflate(&stream, Z_FINISH);
    made = out.size() - stream.avail_out;
    bytes.remove_prefix(bytes.size() - stream.avail_in);
    inflateEnd(&stream);
    if (status != Z_STREAM_END) return std::nullopt;
  } while (!bytes.empty());
  out.resize(made);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr net::Coding codings[] = {net::Coding::gzip, net::Coding::deflate, net::Coding::zstd,
                                     net::Coding::snappy};
  const auto coding = codings[data[0] % std::size(codings)];
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto ours = net::inflate(coding, bytes, bytes_max);
  if (ours) CHECK(ours->size() <= bytes_max);
  if (coding == net::Coding::gzip || coding == net::Coding::deflate) {
    // We also accept raw deflate, and libdeflate forgives two unused codes that zlib refuses.
    const auto zlibs = with_zlib(coding, bytes);
    if (zlibs) CHECK(ours && *zlibs == *ours);
  }

  if (bytes.size() > bytes_max) return 0;
  const auto back = net::inflate(coding, net::testing::compress(coding, bytes), bytes_max);
  CHECK(back && *back == bytes);
  return 0;
}
