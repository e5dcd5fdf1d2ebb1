#include "scale/formula/type.h"

#include <array>
#include <limits>
#include <string_view>

namespace scale::formula {
namespace {

constexpr std::array<std::string_view, 8> base_names = {"unknown", "nil",    "boolean", "integer",
                                                        "number",  "string", "map",     "map"};

}  // namespace

Type array_of(Type element) {
  if (element.arrays == std::numeric_limits<std::uint8_t>::max()) return {Base::unknown, 1};
  return {element.base, static_cast<std::uint8_t>(element.arrays + 1)};
}

Type element_of(Type array) {
  if (!array.array()) return {};
  return {array.base, static_cast<std::uint8_t>(array.arrays - 1)};
}

Type either(Type a, Type b) {
  if (a == b || b.nil()) return a;
  if (a.nil()) return b;
  if (a.array() && b.array()) return {Base::unknown, 1};
  return {};
}

std::string name_of(Type type) {
  if (!type.array()) return std::string(base_names[static_cast<std::size_t>(type.base)]);
  const Type element = element_of(type);
  if (element.unknown()) return "array";
  return "array of " + (element.array() ? "array" : name_of(element));
}

}  // namespace scale::formula
