#pragma once

// The web page's files, part of the program since it was built (cmake/embed.cmake).

#include <span>
#include <string_view>

namespace server {

// One file of server/web. Immutable, lives as long as the program.
struct Asset {
  std::string_view name;  // "index.html"
  std::string_view hash;  // of its bytes, in hexadecimal
  std::string_view bytes;
};

// Sorted by name.
std::span<const Asset> assets();

// nullptr when there is none of that name.
const Asset* find_asset(std::string_view name);

// The content type by the name's extension.
std::string_view content_type(std::string_view name);

}  // namespace server
