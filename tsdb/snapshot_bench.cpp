// What a snapshot costs: to write it, to check it, to put it back. A million series of twelve
// samples and seven labels.

#include <benchmark/benchmark.h>

#include <string>

#include "base/check.h"
#include "tsdb/restore.h"
#include "tsdb/shards.h"
#include "tsdb/snapshot.h"

namespace tsdb {
namespace {

constexpr int resources = 100;
constexpr int metrics = 100;
constexpr int points = 100;  // of each metric and resource
constexpr int samples = 12;
constexpr Timestamp now{1'800'000'000'000'000'000};

void fill(Shards& store) {
  for (int resource = 0; resource < resources; ++resource) {
    const std::string pod = "checkout-7d9f6c5b4-" + std::to_string(resource);
    const LabelView of_resource[] = {
        {"service.name", "checkout"}, {"service.namespace", "shop"}, {"k8s.pod.name", pod}};
    for (int metric = 0; metric < metrics; ++metric) {
      const std::string name = "http.server.metric_" + std::to_string(metric);
      for (int point = 0; point < points; ++point) {
        const std::string route = "/api/v1/route/" + std::to_string(point);
        const LabelView of_point[] = {{"http.request.method", "GET"},
                                      {"http.response.status_code", "200"},
                                      {"http.route", route},
                                      {"url.scheme", "https"}};
        const SeriesView view{.metric = name, .resource = of_resource, .attributes = of_point};
        for (int sample = samples; sample > 0; --sample)
          store.append(view,
                       {.time = now - std::chrono::seconds(8 * sample), .value = Value::of(sample)},
                       now);
      }
    }
  }
}

struct Full {
  Full() : store({}, 1, {}, registry) { fill(store); }
  base::metrics::Registry registry;
  Shards store;
};

const Shards& full_store() {
  static const Full full;
  return full.store;
}

std::string write_all(const Shards& store) {
  std::string file;
  file.reserve(512u << 20);
  SnapshotWriter writer([&file](std::string_view bytes) -> Result<void> {
    file += bytes;
    return {};
  });
  CHECK(writer.begin(now, Coverage::moment));
  std::string block;
  for (std::optional<Place> next = Place{}; next;) {
    block.clear();
    next = store.write_block(*next, 1u << 20, block);
    CHECK(writer.block(block));
  }
  CHECK(writer.end());
  return file;
}

const std::string& full_file() {
  static const std::string file = write_all(full_store());
  return file;
}

void WriteBlocks(benchmark::State& state) {
  const Shards& store = full_store();
  std::string block;
  std::size_t bytes = 0;
  for (auto _ : state) {
    for (std::optional<Place> next = Place{}; next;) {
      block.clear();
      next = store.write_block(*next, 1u << 20, block);
      bytes += block.size();
    }
  }
  const auto series = static_cast<double>(store.series_count());
  state.counters["ns/series"] = benchmark::Counter(
      series, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  state.counters["bytes/series"] =
      static_cast<double>(bytes) / static_cast<double>(state.iterations()) / series;
}

void Check(benchmark::State& state) {
  const std::string& file = full_file();
  for (auto _ : state) CHECK(Snapshot::check(file).has_value());
}

void Restore(benchmark::State& state) {
  const auto snapshot = Snapshot::check(full_file());
  for (auto _ : state) {
    state.PauseTiming();
    base::metrics::Registry registry;
    auto store = std::make_unique<Shards>(Options{}, 1, Log{}, registry);
    state.ResumeTiming();
    CHECK(store->restore(*snapshot, now).series == store->series_count());
    state.PauseTiming();
    store.reset();
    state.ResumeTiming();
  }
}

BENCHMARK(WriteBlocks)->Unit(benchmark::kMillisecond);
BENCHMARK(Check)->Unit(benchmark::kMillisecond);
BENCHMARK(Restore)->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
}  // namespace tsdb
