// Any bytes are a snapshot or are refused, and what is one can be put into a store, asked, and
// written again. Blocks are framed here, so that the fuzzer need not find their hash.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/metrics.h"
#include "tsdb/restore.h"
#include "tsdb/shards.h"
#include "tsdb/snapshot.h"

namespace {

constexpr Timestamp now{1'800'000'000'000'000'000};

std::string framed(std::string_view payload) {
  std::string file;
  tsdb::SnapshotWriter writer([&file](std::string_view bytes) -> Result<void> {
    file += bytes;
    return {};
  });
  CHECK(writer.begin({}, tsdb::Coverage::moment) && writer.block(payload) && writer.end());
  return file;
}

void ask(const tsdb::Shards& store) {
  tsdb::MetricQuery query;
  for (const std::string& name : store.names("", SIZE_MAX).names) {
    query.metric = name.substr(0, name.rfind(tsdb::count_suffix));
    for (const auto& row : store.histograms(query, {}, now, SIZE_MAX)) CHECK(!row.points.empty());
    (void)store.histogram_increase(query, {}, now);
  }
  (void)store.metadata("", SIZE_MAX);
}

// What a store writes that was filled with a block.
std::string rewritten(std::string_view block) {
  const std::string file = framed(block);
  const auto snapshot = tsdb::Snapshot::check(file);
  CHECK(snapshot.has_value());
  base::metrics::Registry registry;
  tsdb::Shards store({}, 1, {}, registry);
  CHECK(store.restore(*snapshot, now).series == store.series_count());
  ask(store);
  std::string again;
  CHECK(!store.write_block({}, SIZE_MAX, again));
  store.tick(now);
  return again;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)tsdb::Snapshot::check(bytes);
  if (!tsdb::Snapshot::check(framed(bytes))) return 0;
  const std::string block = rewritten(bytes);
  CHECK(rewritten(rewritten(block)) == block);  // the series of a metric turn round each time
  return 0;
}
