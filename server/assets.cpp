#include "server/assets.h"

#include <algorithm>
#include <array>

namespace server {
namespace {

struct Type {
  std::string_view extension;
  std::string_view content_type;
};

constexpr std::array types = {
    Type{".css", "text/css; charset=utf-8"},
    Type{".html", "text/html; charset=utf-8"},
    Type{".js", "text/javascript; charset=utf-8"},
    Type{".svg", "image/svg+xml"},
};
static_assert(std::ranges::is_sorted(types, {}, &Type::extension));

}  // namespace

const Asset* find_asset(std::string_view name) {
  const auto asset = std::ranges::find(assets(), name, &Asset::name);
  return asset == assets().end() ? nullptr : &*asset;
}

std::string_view content_type(std::string_view name) {
  const auto type =
      std::ranges::find_if(types, [name](const Type& t) { return name.ends_with(t.extension); });
  return type == types.end() ? "application/octet-stream" : type->content_type;
}

}  // namespace server
