// What decodes from JSON, written again in either encoding, decodes to the same points.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "otlp/decode.h"
#include "otlp/encode.h"
#include "otlp/testing/seen.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  otlp::Batch batch;
  if (!otlp::decode_json(body, batch)) {
    CHECK(batch.rows.empty() && batch.metrics.empty() && batch.labels.empty());
    return 0;
  }
  const auto seen = otlp::testing::without_histograms(otlp::testing::see(batch));
  const otlp::Request request = otlp::testing::rebuild(batch);

  const std::string text = otlp::encode_json(request);
  otlp::Batch from_text;
  CHECK(otlp::decode_json(text, from_text).has_value());
  CHECK(otlp::testing::see(from_text) == seen);

  const std::string bytes = otlp::encode(request);
  otlp::Batch from_bytes;
  CHECK(otlp::decode(bytes, from_bytes).has_value());
  CHECK(otlp::testing::see(from_bytes) == seen);
  return 0;
}
