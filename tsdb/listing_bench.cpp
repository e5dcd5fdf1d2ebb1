// How long one slice of a listing keeps the store's thread from its points; the naive way, all at
// once, beside it.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

#include "tsdb/shards.h"

namespace tsdb {
namespace {

constexpr Timestamp now{1'800'000'000'000'000'000};
constexpr std::size_t slice_bytes = 64u << 10;

// `series` of one metric, of 12 samples each.
std::unique_ptr<Shards> filled(std::size_t series, base::metrics::Registry& registry) {
  auto store = std::make_unique<Shards>(Options{}, 1, Log{}, registry);
  const LabelView resource[] = {{"service.name", "checkout"}, {"k8s.namespace.name", "production"}};
  for (std::size_t i = 0; i < series; ++i) {
    const std::string pod = "checkout-7d4b9c6f5-" + std::to_string(i);
    const LabelView attributes[] = {{"http.request.method", "GET"}, {"k8s.pod.name", pod}};
    for (int age = 12; age > 0; --age) {
      store->append({.metric = "requests", .resource = resource, .attributes = attributes},
                    {.time = now - std::chrono::seconds(age), .value = Value::of(i)}, now);
    }
  }
  return store;
}

// Lists all in slices of `bytes` again and again; tells the longest that the store was held.
void list(benchmark::State& state, std::size_t bytes) {
  base::metrics::Registry registry;
  const auto series = static_cast<std::size_t>(state.range(0));
  const auto store = filled(series, registry);
  std::chrono::steady_clock::duration longest{};
  std::size_t slices = 0;
  for (auto _ : state) {
    for (std::optional<Place> place = Place{}; place; ++slices) {
      const auto began = std::chrono::steady_clock::now();
      auto slice = store->series(*place, bytes);
      longest = std::max(longest, std::chrono::steady_clock::now() - began);
      place = std::move(slice.next);
      benchmark::DoNotOptimize(slice.rows.data());
    }
  }
  state.counters["longest_us"] = std::chrono::duration<double, std::micro>(longest).count();
  state.counters["slices"] = static_cast<double>(slices) / static_cast<double>(state.iterations());
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(series));
}

void in_slices(benchmark::State& state) {
  list(state, slice_bytes);
}
BENCHMARK(in_slices)->Arg(10'000)->Arg(200'000)->Unit(benchmark::kMillisecond);

void all_at_once(benchmark::State& state) {
  list(state, SIZE_MAX);
}
BENCHMARK(all_at_once)->Arg(10'000)->Arg(200'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tsdb
