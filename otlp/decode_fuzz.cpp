// What decodes, encoded again from the points it gave, decodes to the same points; read by way of
// digests, it gives the same points too.

#include "otlp/decode.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "otlp/encode.h"
#include "otlp/testing/seen.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  static const tsdb::Hasher hasher(1);
  otlp::Batch batch;
  otlp::Batch digested;
  const auto walked = otlp::digest(body, digested, hasher);
  const auto read = walked ? otlp::testing::see_digested(digested) : std::nullopt;
  if (!otlp::decode(body, batch)) {
    CHECK(batch.rows.empty() && batch.metrics.empty() && batch.labels.empty());
    return 0;  // the other way may take it: it reads no labels that no series needs
  }
  CHECK(read == otlp::testing::see(batch));
  CHECK(digested.empty_points == batch.empty_points);
  CHECK(digested.exemplars == batch.exemplars && digested.flawed == batch.flawed);
  const std::string again = otlp::encode(otlp::testing::rebuild(batch));
  otlp::Batch second;
  CHECK(otlp::decode(again, second).has_value());
  CHECK(otlp::testing::see(second) == otlp::testing::without_histograms(otlp::testing::see(batch)));
  return 0;
}
