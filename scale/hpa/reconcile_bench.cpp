// One pass over one External metric, nothing to change: the steady path. Allocations are counted.

#include "scale/hpa/reconcile.h"

#include <benchmark/benchmark.h>

#include "scale/testing/allocations.h"

namespace scale::hpa {
namespace {

Spec one_external_metric() {
  Metric metric{.type = MetricType::external, .name = "lag"};
  metric.target = {.type = TargetType::average_value, .average_value = 1000};
  metric.selector = Selector{{{"scaledobject.keda.sh/name", "worker"}}, {}};
  metric.title = title_of(metric);
  return {.min = 1, .max = 100, .metrics = {metric}};
}

void reconcile_steady(benchmark::State& bench, const Spec& spec) {
  const Observations observed{.readings = {{.series = {10'000}}}};
  const Config config;
  const Gates gates;
  State state;
  Timestamp now{1'000'000'000'000'000'000};
  std::uint64_t before = 0;
  const auto pass = [&] {
    now = now + std::chrono::seconds(15);
    const PassInput input{.spec = spec,
                          .scale = Scale{10, 10},
                          .observed = observed,
                          .config = config,
                          .gates = gates,
                          .now = now};
    state = reconcile(input, std::move(state)).next;
  };
  for (int i = 0; i < 100; ++i) pass();  // the window is full, every text has its room
  before = testing::allocations.load();
  for (auto _ : bench) pass();
  bench.counters["allocations"] =
      benchmark::Counter(static_cast<double>(testing::allocations.load() - before),
                         benchmark::Counter::kAvgIterations);
}

void BM_ReconcilePlain(benchmark::State& bench) {
  reconcile_steady(bench, one_external_metric());
}
BENCHMARK(BM_ReconcilePlain);

void BM_ReconcileWithBehavior(benchmark::State& bench) {
  Spec spec = one_external_metric();
  spec.behavior = Behavior{default_up(), default_down()};
  reconcile_steady(bench, spec);
}
BENCHMARK(BM_ReconcileWithBehavior);

// The naive baseline: the division and the ceiling alone.
void BM_ProposalAlone(benchmark::State& bench) {
  AverageQuestion question{.total = 10'000, .target = 1000, .replicas = 10};
  for (auto _ : bench) {
    benchmark::DoNotOptimize(question);
    benchmark::DoNotOptimize(propose_average(question, {}));
  }
}
BENCHMARK(BM_ProposalAlone);

}  // namespace
}  // namespace scale::hpa
