#include "cli/ingest.h"

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

#include "base/cgroup.h"
#include "base/cpus.h"

namespace cli {
namespace {

tsdb::Options store_options(const Options& options) {
  tsdb::Options store;
  store.retention = options.retention;
  store.wanted = {.all = options.metrics == MetricsKept::all, .always = options.wanted_metrics};
  store.series_max = static_cast<std::size_t>(options.series_max);
  store.series_per_resource_max = static_cast<std::size_t>(options.series_per_resource_max);
  store.bytes_max = options.series_bytes_max > 0
                        ? static_cast<std::size_t>(options.series_bytes_max)
                        : static_cast<std::size_t>(base::memory_limit_bytes() / 2);
  return store;
}

std::vector<std::unique_ptr<IngestThread>> make_threads(std::size_t count, const IngestParts& parts,
                                                        const Options& options) {
  std::vector<std::unique_ptr<IngestThread>> threads;
  for (std::size_t i = 0; i < count; ++i)
    threads.push_back(std::make_unique<IngestThread>(parts, options, i));
  return threads;
}

std::unique_ptr<Snapshots> make_snapshots(const Options& options, SnapshotParts parts) {
  if (options.snapshot_file.empty() || options.snapshot_file == no_file) return nullptr;
  return std::make_unique<Snapshots>(options.snapshot_file, options.snapshot_interval,
                                     std::move(parts));
}

}  // namespace

Result<std::size_t> ingest_threads(const Options& options, std::size_t cpus) {
  const std::size_t left = cpus > 1 ? cpus - 1 : 1;
  if (!options.ingest_threads) return std::min(left, ingest_threads_max);
  if (*options.ingest_threads > static_cast<std::int64_t>(ingest_threads_max))
    return fail(Code::invalid, fmt::format("{}: {} is more than {}", described("ingest-threads"),
                                           *options.ingest_threads, ingest_threads_max));
  return static_cast<std::size_t>(*options.ingest_threads);
}

Ingest::Ingest(const Options& options, std::size_t threads, const Clock& clock, Log log,
               base::metrics::Registry& metrics)
    : log_(std::move(log)),
      store_(store_options(options), threads, log_.with("tsdb"), metrics),
      snapshots_(make_snapshots(options, {store_, clock, log_.with("snapshots"), metrics})),
      questions_(store_, clock),
      reads_(metrics, clock),
      threads_(make_threads(threads, {clock, log_, metrics, store_, questions_, warnings_, reads_},
                            options)),
      gateway_(threads_.front()->loop(), store_, clock) {}

Result<std::unique_ptr<Ingest>> Ingest::start(const Options& options, const std::string& bind,
                                              const Clock& clock, Log log,
                                              base::metrics::Registry& metrics) {
  TRY(const std::size_t threads, ingest_threads(options, base::usable_cpus()));
  std::unique_ptr<Ingest> ingest(new Ingest(options, threads, clock, std::move(log), metrics));
  if (ingest->snapshots_) ingest->snapshots_->restore();
  TRY_VOID(ingest->listen(options, bind));
  for (const auto& thread : ingest->threads_) thread->start();
  if (ingest->snapshots_) ingest->snapshots_->begin();
  return ingest;
}

Result<void> Ingest::listen(const Options& options, const std::string& bind) {
  for (const auto& thread : threads_) TRY_VOID(thread->open(options));
  IngestThread& first = *threads_.front();
  for (const auto& thread : threads_) {
    if (thread.get() != &first) thread->take_part_in(first);
  }
  TRY(ports_, first.listen(options, bind));
  return {};
}

void Ingest::look_at_files() {
  for (const auto& thread : threads_) thread->look_at_files();
}

// All at once, so that each has the whole grace. The first one stops accepting at once; what it has
// handed over by then is still taken or closed by the others.
Task<void> Ingest::drain(Duration grace) {
  base::TaskGroup drains(co_await boost::asio::this_coro::executor, log_);
  for (const auto& thread : threads_) drains.spawn(thread->drain(grace));
  co_await drains.join();
}

Ingest::~Ingest() {
  for (const auto& thread : threads_) thread->stop();
  for (const auto& thread : threads_) thread->join();
}

}  // namespace cli
