#include "base/file.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <system_error>

namespace base {

Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
  constexpr std::size_t chunk_bytes = 64u << 10;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return fail(Code::not_found, "does not exist");
  std::ifstream in(path, std::ios::binary);
  std::string text;
  if (const auto size = std::filesystem::file_size(path, error); !error)
    text.reserve(std::min<std::size_t>(size, bytes_max) + 1);
  // One byte more than allowed is enough to see that there is more.
  while (in && text.size() <= bytes_max) {
    const std::size_t before = text.size();
    text.resize(before + std::min(chunk_bytes, bytes_max + 1 - before));
    in.read(text.data() + before, static_cast<std::streamsize>(text.size() - before));
    text.resize(before + static_cast<std::size_t>(in.gcount()));
  }
  if (!in && !in.eof()) return fail(Code::denied, "cannot be read");
  if (text.size() > bytes_max)
    return fail(Code::exhausted, fmt::format("larger than {} bytes", bytes_max));
  return text;
}

}  // namespace base
