#pragma once

// What one evaluation uses up: memory of its arrays and steps, both bounded. Confined to that
// evaluation.

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "scale/formula/limits.h"
#include "scale/formula/value.h"

namespace scale::formula {

class Context {
 public:
  Context() {}  // not `= default`: the inline elements stay as they are

  // An array of `size` elements, to be filled before anyone reads it, then closed.
  // Errors: exhausted.
  Result<Value> new_array(std::uint64_t size);
  // A map of `size` entries, likewise.
  Result<Value> new_map(std::uint64_t size);
  // Notes how deep a filled array or map is. Errors: exhausted.
  Result<Value> closed(Value filled) const;

  // Counts steps. Errors: exhausted.
  Result<void> charge(std::uint64_t steps);
  // Counts a visit of every element inside `value`.
  Result<void> visit(const Value& value);

 private:
  Result<Value*> allocate(std::uint64_t count);

  std::uint64_t steps_ = 0;
  std::uint64_t elements_ = 0;
  std::size_t inline_used_ = 0;
  std::vector<std::unique_ptr<Value[]>> blocks_;
  std::array<Value, elements_inline> inline_;
};

}  // namespace scale::formula
