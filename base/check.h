#pragma once

// CHECK(condition): a broken invariant is a bug of ours; the process ends with the condition and
// its place. On in release.

namespace base {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace base

#define CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::base::check_failed(#condition, __FILE__, __LINE__))
