#include "scale/formula/value.h"

#include <algorithm>
#include <array>
#include <span>

namespace scale::formula {
namespace {

constexpr std::array<std::string_view, 7> kind_names = {"nil",    "boolean", "integer", "number",
                                                        "string", "array",   "map"};

bool equal_arrays(const Value& a, const Value& b) {
  return std::ranges::equal(std::span(a.items, a.size), std::span(b.items, b.size), equal);
}

bool contains_entry(const Value& map, const Value& key, const Value& value) {
  for (std::uint32_t i = 0; i < map.size; ++i)
    if (same_key(map.items[2 * i], key)) return same_key(map.items[2 * i + 1], value);
  return false;
}

bool equal_maps(const Value& a, const Value& b) {
  if (a.size != b.size) return false;
  for (std::uint32_t i = 0; i < a.size; ++i)
    if (!contains_entry(b, a.items[2 * i], a.items[2 * i + 1])) return false;
  return true;
}

}  // namespace

std::string_view name_of(Kind kind) {
  return kind_names[static_cast<std::size_t>(kind)];
}

bool equal(const Value& a, const Value& b) {
  if (a.numeric() && b.numeric())
    return a.kind == Kind::integer && b.kind == Kind::integer ? a.integer == b.integer
                                                              : a.as_number() == b.as_number();
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Kind::boolean:
      return a.boolean == b.boolean;
    case Kind::string:
      return *a.text == *b.text;
    case Kind::array:
      return equal_arrays(a, b);
    case Kind::map:
      return equal_maps(a, b);
    default:
      return true;  // nil
  }
}

bool same_key(const Value& a, const Value& b) {
  return a.kind == b.kind && equal(a, b);
}

bool less(const Value& a, const Value& b) {
  return a.kind == Kind::integer && b.kind == Kind::integer ? a.integer < b.integer
                                                            : a.as_number() < b.as_number();
}

std::uint64_t weight(const Value& value, std::uint64_t limit) {
  std::uint64_t total = 1;
  if (value.kind != Kind::array && value.kind != Kind::map) return total;
  const bool map = value.kind == Kind::map;
  if (map) total += std::uint64_t{value.size} * value.size;  // every key is looked for
  for (const Value& item : std::span(value.items, map ? 2 * value.size : value.size)) {
    if (total > limit) break;
    total += weight(item, limit - total);
  }
  return total;
}

}  // namespace scale::formula
