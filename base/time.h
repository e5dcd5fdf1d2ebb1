#pragma once

// Points and spans of time, and their texts. Wall time is for samples, steady time is for waiting.

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

using Duration = std::chrono::nanoseconds;

// Wall-clock time: nanoseconds since the Unix epoch. Zero means "not set" only where a field says
// so.
struct Timestamp {
  std::int64_t ns = 0;

  auto operator<=>(const Timestamp&) const = default;

  friend Timestamp operator+(Timestamp t, Duration d) { return {t.ns + d.count()}; }
  friend Timestamp operator-(Timestamp t, Duration d) { return {t.ns - d.count()}; }
  friend Duration operator-(Timestamp a, Timestamp b) { return Duration{a.ns - b.ns}; }
};

// Steady time: only differences mean something, and only within one process.
using Instant = std::chrono::steady_clock::time_point;

// Seconds as a double, for arithmetic that people see.
constexpr double seconds(Duration d) {
  return static_cast<double>(d.count()) / 1e9;
}

// Parses Go's duration text: "300ms", "1.5h", "2h45m", "0"; units ns us µs ms s m h. Errors:
// invalid.
Result<Duration> parse_duration(std::string_view text);

// Compact text with at most two units: "1h30m", "12s", "350ms", "0s".
std::string format_duration(Duration d);

// RFC 3339 in UTC. format_time: second precision, as Kubernetes writes; format_time_ns: all nine
// digits.
std::string format_time(Timestamp t);
std::string format_time_ns(Timestamp t);

// Parses RFC 3339 with any fraction and offset. Errors: invalid.
Result<Timestamp> parse_time(std::string_view text);

}  // namespace base

using base::Duration;
using base::Instant;
using base::Timestamp;
