// What decodes, encoded again from the points it gave, decodes to the same points.

#include "otlp/decode.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "otlp/encode.h"
#include "otlp/testing/seen.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  otlp::Batch batch;
  if (!otlp::decode(body, batch)) {
    CHECK(batch.rows.empty() && batch.metrics.empty() && batch.labels.empty());
    return 0;
  }
  const std::string again = otlp::encode(otlp::testing::rebuild(batch));
  otlp::Batch second;
  CHECK(otlp::decode(again, second).has_value());
  CHECK(otlp::testing::see(second) == otlp::testing::see(batch));
  return 0;
}
