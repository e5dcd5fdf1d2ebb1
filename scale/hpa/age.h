#pragma once

// How long ago something happened, whatever the clocks did.

#include <limits>

#include "base/time.h"

namespace scale::hpa {

// now - at, kept within the type; negative when the clock was set back since.
constexpr Duration age(Timestamp at, Timestamp now) {
  std::int64_t ns = 0;
  if (!__builtin_sub_overflow(now.ns, at.ns, &ns)) return Duration{ns};
  using Limits = std::numeric_limits<std::int64_t>;
  return Duration{now.ns > at.ns ? Limits::max() : Limits::min()};
}

// at + span, kept within the type.
constexpr Timestamp after(Timestamp at, Duration span) {
  std::int64_t ns = 0;
  if (!__builtin_add_overflow(at.ns, span.count(), &ns)) return {ns};
  using Limits = std::numeric_limits<std::int64_t>;
  return {span.count() > 0 ? Limits::max() : Limits::min()};
}

}  // namespace scale::hpa
