#include "kube/text_file.h"

#include <algorithm>
#include <fstream>

namespace kube {

Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t bytes_max) {
  constexpr std::size_t chunk_bytes = 64u << 10;
  std::ifstream in(path, std::ios::binary);
  std::string text;
  while (in && text.size() <= bytes_max) {
    const std::size_t before = text.size();
    text.resize(before + std::min(chunk_bytes, bytes_max + 1 - before));
    in.read(text.data() + before, static_cast<std::streamsize>(text.size() - before));
    text.resize(before + static_cast<std::size_t>(in.gcount()));
  }
  if (!in && !in.eof()) return fail(Code::denied, "cannot be read");
  return text;
}

}  // namespace kube
