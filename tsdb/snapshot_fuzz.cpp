// Any bytes are a snapshot or are refused, and what is one can be put into a store and written
// again. Blocks are framed here, so that the fuzzer need not find their hash.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/metrics.h"
#include "tsdb/restore.h"
#include "tsdb/snapshot.h"
#include "tsdb/store.h"

namespace {

std::string framed(std::string_view payload) {
  std::string file;
  tsdb::SnapshotWriter writer([&file](std::string_view bytes) -> Result<void> {
    file += bytes;
    return {};
  });
  CHECK(writer.begin({}) && writer.block(payload) && writer.end());
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)tsdb::Snapshot::check(bytes);
  const std::string file = framed(bytes);
  const auto snapshot = tsdb::Snapshot::check(file);
  if (!snapshot) return 0;
  base::metrics::Registry registry;
  tsdb::Store store({}, {}, registry);
  const Timestamp now{1'800'000'000'000'000'000};
  const auto restored = store.restore(*snapshot, now);
  CHECK(restored.series == store.series_count());
  std::string block;
  CHECK(!store.write_block({}, SIZE_MAX, block));
  CHECK(tsdb::Snapshot::check(framed(block)).has_value());
  store.tick(now);
  return 0;
}
