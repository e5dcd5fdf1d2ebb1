// What our decoder takes, libprotobuf takes, and reads as the same points; and what libprotobuf
// writes of it again, in its own way, is the same request to us. The walk by digests gives the same
// points of both.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "otlp/decode.h"
#include "otlp/testing/protobuf_oracle.h"
#include "otlp/testing/seen.h"

namespace {

void check_walk(std::string_view body, const std::vector<otlp::testing::Seen>& want) {
  static const tsdb::Hasher hasher(1);
  otlp::Batch digested;
  CHECK(otlp::digest(body, digested, hasher).has_value());
  CHECK(otlp::testing::see_digested(digested) == want);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  otlp::Batch batch;
  const bool taken = otlp::decode(body, batch).has_value();
  const auto theirs = otlp::testing::read_by_protobuf(body);
  if (!taken) return 0;  // we have limits that libprotobuf has not
  CHECK(theirs.has_value());
  const auto none = std::ranges::count_if(
      theirs->points, [](const std::string& point) { return point.ends_with(" none"); });
  CHECK(batch.empty_points == static_cast<std::uint64_t>(none));
  otlp::Batch again;
  CHECK(otlp::decode(theirs->canonical, again).has_value());
  const auto seen = otlp::testing::see(batch);
  CHECK(otlp::testing::see(again) == seen);
  check_walk(body, seen);
  check_walk(theirs->canonical, seen);
  return 0;
}
