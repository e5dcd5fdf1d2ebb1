// Whatever parses prints as text that parses to the same value, compact and indented.

#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "json/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = json::parse(text);
  if (!value) return 0;
  // Printing turns infinities to null and whole doubles to integers, so the second round is the
  // fixed point.
  const auto once = json::parse(json::print(*value));
  CHECK(once);
  const auto again = json::parse(json::print(*once));
  CHECK(again && *again == *once);
  const auto pretty = json::parse(json::print_pretty(*once));
  CHECK(pretty && *pretty == *once);
  return 0;
}
