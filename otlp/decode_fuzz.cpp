// What decodes, encoded again from the points it gave, decodes to the same points; read by way of
// digests, it gives the same points too. The same holds of those that are wanted.

#include "otlp/decode.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "otlp/encode.h"
#include "otlp/testing/seen.h"

namespace {

// Wants some of a request's metrics.
struct Half {
  Half() : wanted({.all = false}), view(wanted) {}

  // Asks for every other name of `batch`.
  void want_of(const otlp::Batch& batch) {
    for (std::size_t i = 0; i < batch.metrics.size(); i += 2)
      wanted.ask(batch.metrics[i].sent_name, Timestamp{1});
    view.refresh();
  }

  tsdb::Wanted wanted;
  tsdb::WantedView view;
};

// `all`: the whole request, as the full decoder reads it. What is left of it by both ways is what
// is wanted of it.
void check_wanted(std::string_view body, const tsdb::Hasher& hasher, otlp::Batch& all) {
  Half half;
  half.want_of(all);
  const otlp::DecodeOptions options{.wanted = &half.view};
  otlp::Batch batch;
  otlp::Batch digested;
  CHECK(otlp::decode(body, batch, options).has_value());
  CHECK(otlp::digest(body, digested, hasher, options).has_value());
  std::erase_if(all.metrics,
                [&](const auto& metric) { return !half.view.wants(metric.sent_name); });
  const auto seen = otlp::testing::see(all);
  CHECK(otlp::testing::see(batch) == seen);
  CHECK(otlp::testing::see_digested(digested) == seen);
  CHECK(digested.skipped_metrics == batch.skipped_metrics);
}

}  // namespace

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
  check_wanted(body, hasher, batch);
  return 0;
}
