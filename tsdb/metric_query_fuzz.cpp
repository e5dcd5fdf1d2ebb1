// Any text parses or is refused; what parses, printed and parsed again, is the same query.

#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "tsdb/metric_query.h"
#include "tsdb/selector.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto query = tsdb::parse_metric_query(text);
  if (!query) {
    CHECK(query.error().code == Code::invalid);
    return 0;
  }
  CHECK(tsdb::parse_metric_query(tsdb::to_string(*query)) == query);
  const tsdb::Selector selector(query->matchers);
  (void)selector.matches([text](std::string_view) { return text; });
  return 0;
}
