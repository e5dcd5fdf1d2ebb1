#include "net/snappy.h"

#include <fmt/format.h>
#include <snappy.h>

#include <array>
#include <cstdint>

namespace net {
namespace {

constexpr std::string_view stream_identifier{"\xff\x06\x00\x00sNaPpY", 10};
constexpr std::size_t chunk_head_bytes = 4;
constexpr std::size_t checksum_bytes = 4;
constexpr std::size_t chunk_made_max = 64u << 10;  // the format's own limit

// Kinds of chunk: those from `skippable` on are for others to read.
enum : std::uint8_t { compressed = 0x00, uncompressed = 0x01, skippable = 0x80 };

std::unexpected<Error> damaged() {
  return fail(Code::invalid, "damaged or truncated compressed data");
}
std::unexpected<Error> too_much(std::size_t bytes_max) {
  return fail(Code::exhausted, fmt::format("more than {} bytes after decompression", bytes_max));
}

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = bytes.size(); i > 0; --i)
    number = number << 8 | static_cast<unsigned char>(bytes[i - 1]);
  return number;
}

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  constexpr std::uint32_t castagnoli = 0x82F63B78;  // its bits in reverse
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? castagnoli : 0);
    table[i] = crc;
  }
  return table;
}
constexpr auto crc_table = make_crc_table();

// Appends what a block holds.
Result<void> append_block(std::string& out, std::string_view block, std::size_t bytes_max) {
  std::size_t size = 0;
  if (!snappy::GetUncompressedLength(block.data(), block.size(), &size)) return damaged();
  if (size > bytes_max - out.size()) return too_much(bytes_max);
  bool good = false;
  const std::size_t before = out.size();
  // The library may offer more room than it was asked for.
  out.resize_and_overwrite(before + size, [&](char* data, std::size_t) {
    good = snappy::RawUncompress(block.data(), block.size(), data + before);
    return before + size;
  });
  if (!good) return damaged();
  return {};
}

// Appends what a chunk of data holds; `body` begins with its checksum.
Result<void> append_chunk(std::string& out, std::uint8_t kind, std::string_view body,
                          std::size_t bytes_max) {
  if (body.size() < checksum_bytes) return damaged();
  const std::string_view held = body.substr(checksum_bytes);
  const std::size_t before = out.size();
  if (kind == compressed) {
    TRY_VOID(append_block(out, held, bytes_max));
  } else {
    if (held.size() > bytes_max - out.size()) return too_much(bytes_max);
    out += held;
  }
  const std::string_view made = std::string_view(out).substr(before);
  const bool good = made.size() <= chunk_made_max &&
                    masked_crc32c(made) == little_endian(body.substr(0, checksum_bytes));
  if (!good) return damaged();
  return {};
}

Result<std::string> read_frames(std::string_view bytes, std::size_t bytes_max) {
  std::string out;
  while (!bytes.empty()) {
    if (bytes.size() < chunk_head_bytes) return damaged();
    const auto kind = static_cast<std::uint8_t>(bytes[0]);
    const std::size_t length = little_endian(bytes.substr(1, chunk_head_bytes - 1));
    bytes.remove_prefix(chunk_head_bytes);
    if (length > bytes.size()) return damaged();
    if (kind < skippable) {
      if (kind != compressed && kind != uncompressed) return damaged();
      TRY_VOID(append_chunk(out, kind, bytes.substr(0, length), bytes_max));
    }
    bytes.remove_prefix(length);
  }
  return out;
}

}  // namespace

Result<std::string> decompress_snappy(std::string_view bytes, std::size_t bytes_max) {
  if (bytes.starts_with(stream_identifier)) return read_frames(bytes, bytes_max);
  std::string out;
  TRY_VOID(append_block(out, bytes, bytes_max));
  return out;
}

std::uint32_t masked_crc32c(std::string_view bytes) {
  std::uint32_t crc = ~0u;
  for (const char byte : bytes)
    crc = crc >> 8 ^ crc_table[(crc ^ static_cast<unsigned char>(byte)) & 0xFF];
  crc = ~crc;
  return (crc >> 15 | crc << 17) + 0xA282EAD8u;
}

}  // namespace net
