#include "cli/snapshots.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "base/cgroup.h"
#include "base/file.h"
#include "base/replaced_file.h"
#include "tsdb/restore.h"

namespace cli {
namespace {

// What is copied while points wait: some hundred microseconds.
constexpr std::size_t block_bytes = 256u << 10;

double seconds_since(Instant begin, const Clock& clock) {
  return base::seconds(clock.steady() - begin);
}

Result<tsdb::Snapshot> checked(const Result<std::string>& bytes) {
  if (!bytes) return std::unexpected(bytes.error());
  return tsdb::Snapshot::check(*bytes);
}

}  // namespace

Snapshots::Snapshots(std::filesystem::path file, Duration interval, SnapshotParts parts)
    : file_(std::move(file)),
      interval_(interval),
      parts_(std::move(parts)),
      written_(parts_.metrics.counter("tidewheel_snapshots_total", "Snapshots of series written.",
                                      {{"outcome", "written"}})),
      failed_(parts_.metrics.counter("tidewheel_snapshots_total", "Snapshots of series written.",
                                     {{"outcome", "failed"}})),
      bytes_(parts_.metrics.gauge("tidewheel_snapshot_bytes", "Size of the last snapshot.")),
      seconds_(parts_.metrics.gauge("tidewheel_snapshot_duration_seconds",
                                    "How long the last snapshot took to write.")) {}

Snapshots::~Snapshots() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_one();
  thread_.join();
  const bool complete = parts_.clock.steady() >= complete_from_;
  write_and_say(complete ? tsdb::Coverage::complete : tsdb::Coverage::moment);
}

void Snapshots::restore() {
  const Instant begin = parts_.clock.steady();
  const auto bytes = base::read_file(file_, base::memory_limit_bytes());
  if (!bytes && bytes.error().code == Code::not_found) return;
  const auto snapshot = checked(bytes);
  if (!snapshot) {
    auto aside = file_;
    aside += ".unreadable";
    std::error_code failed;
    std::filesystem::rename(file_, aside, failed);
    parts_.log.warn(
        "no series are restored: the snapshot cannot be read",
        {{"file", file_.string()},
         {"error", snapshot.error().what},
         {"kept_as", failed ? std::string_view("nothing") : std::string_view(aside.native())}});
    return;
  }
  const bool complete = snapshot->coverage() == tsdb::Coverage::complete;
  as_of_ = complete ? snapshot->created() : Timestamp{};
  complete_from_ = complete ? begin : begin + catch_up;
  const Timestamp now = parts_.clock.now();
  const tsdb::Restored restored = parts_.store.restore(*snapshot, now);
  parts_.log.info("series are restored", {{"file", file_.string()},
                                          {"series", restored.series},
                                          {"samples", restored.samples},
                                          {"histograms", restored.histograms},
                                          {"outdated", restored.outdated},
                                          {"refused", restored.refused},
                                          {"age", base::format_duration(now - snapshot->created())},
                                          {"seconds", seconds_since(begin, parts_.clock)}});
}

void Snapshots::begin() {
  thread_ = std::thread([this] { run(); });
}

// What was complete is so no longer once points come in, and is replaced at once.
void Snapshots::run() {
  const bool was_complete = as_of_ && *as_of_ != Timestamp{};
  if (was_complete) write_and_say(tsdb::Coverage::moment);
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, interval_, [this] { return stopping_; })) {
    lock.unlock();
    write_and_say(tsdb::Coverage::moment);
    lock.lock();
  }
}

void Snapshots::write_and_say(tsdb::Coverage coverage) {
  const Instant begin = parts_.clock.steady();
  const auto result = write(coverage);
  if (result) {
    written_.add();
    seconds_.set(seconds_since(begin, parts_.clock));
    if (std::exchange(failing_, false))
      parts_.log.info("snapshots are written again", {{"file", file_.string()}});
    return;
  }
  failed_.add();
  if (!std::exchange(failing_, true))
    parts_.log.warn("a snapshot cannot be written, the last one stays",
                    {{"error", result.error().what}});
}

Result<void> Snapshots::write(tsdb::Coverage coverage) {
  TRY(auto file, base::ReplacedFile::create(file_));
  std::size_t size = 0;
  tsdb::SnapshotWriter writer([&](std::string_view bytes) {
    size += bytes.size();
    return file.write(bytes);
  });
  TRY_VOID(writer.begin(parts_.clock.now(), coverage));
  std::string block;
  for (std::optional<tsdb::Place> next = tsdb::Place{}; next;) {
    block.clear();
    next = parts_.store.write_block(*next, block_bytes, block);
    TRY_VOID(writer.block(block));
  }
  TRY_VOID(writer.end());
  TRY_VOID(file.commit());
  bytes_.set(static_cast<double>(size));
  return {};
}

}  // namespace cli
