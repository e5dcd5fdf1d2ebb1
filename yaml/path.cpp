#include "yaml/path.h"

#include <algorithm>

namespace yaml {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

}  // namespace

std::string member_path(std::string_view path, std::string_view key) {
  if (key.empty() || !std::ranges::all_of(key, is_plain)) {
    return std::string(path).append("[").append(key).append("]");
  }
  if (path.empty()) return std::string(key);
  return std::string(path).append(".").append(key);
}

std::string item_path(std::string_view path, std::size_t index) {
  return std::string(path).append("[").append(std::to_string(index)).append("]");
}

std::string_view parent_path(std::string_view path) {
  // A bracketed key may hold dots, so a path that ends in a bracket is cut at the bracket that
  // opens it.
  const bool bracketed = path.ends_with(']');
  const std::size_t cut = path.find_last_of(bracketed ? "[" : ".");
  return cut == std::string_view::npos ? std::string_view{} : path.substr(0, cut);
}

}  // namespace yaml
