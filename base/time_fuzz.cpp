// Times and durations: what parses, prints as text that parses to the same.

#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/time.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto time = base::parse_time(text)) {
    const auto again = base::parse_time(base::format_time_ns(*time));
    CHECK(again && *again == *time);
  }
  if (const auto duration = base::parse_duration(text)) {
    // The text keeps two units, so it may be shorter than the duration; it always reads back.
    CHECK(base::parse_duration(base::format_duration(*duration)));
  }
  return 0;
}
