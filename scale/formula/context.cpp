#include "scale/formula/context.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace scale::formula {

Result<Value*> Context::allocate(std::uint64_t count) {
  if (count > elements_max - elements_)
    return fail(Code::exhausted, fmt::format("more than {} array elements", elements_max));
  elements_ += count;
  if (count <= elements_inline - inline_used_) {
    Value* const first = inline_.data() + inline_used_;
    inline_used_ += count;
    return first;
  }
  return blocks_.emplace_back(std::make_unique_for_overwrite<Value[]>(count)).get();
}

Result<Value> Context::new_array(std::uint64_t size) {
  Value array = Value::of_nil();
  array.kind = Kind::array;
  TRY(array.items, allocate(size));
  array.size = static_cast<std::uint32_t>(size);
  array.nesting = 1;
  return array;
}

Result<Value> Context::new_map(std::uint64_t size) {
  TRY(Value map, new_array(2 * size));
  map.kind = Kind::map;
  map.size = static_cast<std::uint32_t>(size);
  return map;
}

Result<Value> Context::closed(Value filled) const {
  const std::uint32_t items = filled.kind == Kind::map ? 2 * filled.size : filled.size;
  std::uint32_t below = 0;
  for (const Value& item : std::span(filled.items, items))
    below = std::max<std::uint32_t>(below, item.nesting);
  if (below >= array_nesting_max)
    return fail(Code::exhausted, fmt::format("arrays nested deeper than {}", array_nesting_max));
  filled.nesting = static_cast<std::uint8_t>(below + 1);
  return filled;
}

Result<void> Context::charge(std::uint64_t steps) {
  steps_ += std::min(steps, steps_max + 1);
  if (steps_ <= steps_max) return {};
  return fail(Code::exhausted, fmt::format("more than {} steps", steps_max));
}

Result<void> Context::visit(const Value& value) {
  return charge(weight(value, steps_max));
}

}  // namespace scale::formula
