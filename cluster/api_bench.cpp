#include <benchmark/benchmark.h>

#include <string>

#include "base/testing/fake_clock.h"
#include "cluster/api.h"
#include "kube/testing/await.h"
#include "kube/testing/samples.h"
#include "storage/testing/fake_journal.h"

// What a decision costs in the embedded API: one write of a scale, among many objects. The baseline
// parses and prints the same object once, which no API that stores JSON gets by without.

namespace cluster {
namespace {

using kube::testing::deployment_sample;

Task<void> scale_repeatedly(kube::Client* client, kube::Key key, benchmark::State* state) {
  int replicas = 0;
  for (auto _ : *state) {
    const auto done = co_await client->set_replicas(kube::deployments, key, ++replicas % 100);
    if (!done) state->SkipWithError("not scaled");
  }
}

Task<void> create_all(kube::Client* client, int count) {
  for (int i = 0; i < count; ++i) {
    (void)co_await client->create(kube::deployments, "default",
                                  deployment_sample("web-" + std::to_string(i)));
    (void)co_await client->create(
        kube::scaled_objects, "default",
        kube::testing::scaled_object_sample("so-" + std::to_string(i), "web-" + std::to_string(i)));
  }
}

void run(base::Loop& loop, Task<void> task) {
  base::TaskGroup group(loop.executor(), Log{});
  group.spawn(std::move(task));
  while (group.size() > 0) loop.poll();
}

void BM_SetReplicas(benchmark::State& state) {
  base::Loop loop;
  base::testing::FakeClock clock;
  storage::testing::FakeJournal journal;
  const auto api = Api::open(&journal, clock, Log{}).value();
  kube::Client client(*api);
  run(loop, create_all(&client, static_cast<int>(state.range(0))));
  run(loop, scale_repeatedly(&client, {"default", "web-0"}, &state));
}
BENCHMARK(BM_SetReplicas)->Arg(1)->Arg(10'000);

void BM_CreatePairs(benchmark::State& state) {
  for (auto _ : state) {
    base::Loop loop;
    base::testing::FakeClock clock;
    const auto api = Api::open(nullptr, clock, Log{}).value();
    kube::Client client(*api);
    run(loop, create_all(&client, static_cast<int>(state.range(0))));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * 2);
}
BENCHMARK(BM_CreatePairs)->Arg(10'000)->Unit(benchmark::kMillisecond);

void BM_BaselineParseAndPrint(benchmark::State& state) {
  const std::string text = json::print(deployment_sample("web"));
  for (auto _ : state) {
    auto value = json::parse(text);
    benchmark::DoNotOptimize(json::print(*value));
  }
}
BENCHMARK(BM_BaselineParseAndPrint);

}  // namespace
}  // namespace cluster
