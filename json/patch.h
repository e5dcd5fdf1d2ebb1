#pragma once

// JSON patches: a list of operations on a document. Pure. Source: RFC 6902, with pointers of
// RFC 6901.

#include <cstddef>

#include "base/result.h"
#include "json/json.h"

namespace json {

struct PatchLimits {
  std::size_t operations_max = 10'000;
  // Values that "copy" has repeated, so that a short patch cannot make a huge document.
  std::size_t copied_values_max = 100'000;
  std::size_t depth_max = 64;  // nested lists and objects, as parse() takes them
};

// `target` after every operation of `patch`, which is a list of objects; nothing has happened when
// one of them fails. Errors: invalid, naming the operation ("operation 2: replace /spec/x: there is
// no such member"); exhausted over a limit.
Result<Value> apply_patch(Value target, const Value& patch, const PatchLimits& limits = {});

// Whether two values are the same to a "test": 1 and 1.0 are, and so are objects whose members come
// in another order.
bool same_value(const Value& a, const Value& b);

}  // namespace json
