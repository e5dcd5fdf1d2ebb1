// A day of one object at a sample every 15 s, and reading it from CSV. The baseline reads the same
// numbers without looking at anything else.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "base/check.h"
#include "simulation/csv_signal.h"
#include "simulation/simulate.h"

namespace simulation {
namespace {

constexpr int samples_of_a_day = 24 * 60 * 4;

std::string day() {
  std::string text;
  for (int i = 0; i < samples_of_a_day; ++i) {
    const double value = 50 + 50 * std::sin(i / 400.0) + 20 * std::sin(i / 7.0);
    text += fmt::format("{},{:.3f}\n", 1'700'000'000 + 15 * i, std::max(0.0, value));
  }
  return text;
}

void a_day_at_15_seconds(benchmark::State& state) {
  Scenario scenario{.inputs = {{.signal = read_csv(day()).value()}},
                    .engine = state.range(0) == 0 ? Engine::direct : Engine::hpa};
  scenario.spec.triggers = {{.name = "queue", .target = 10}};
  for (auto _ : state) {
    auto timeline = simulate(scenario);
    CHECK(timeline);
    benchmark::DoNotOptimize(timeline);
  }
  state.SetItemsProcessed(state.iterations() * samples_of_a_day);
}
BENCHMARK(a_day_at_15_seconds)->ArgName("hpa")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void read_a_day_of_csv(benchmark::State& state) {
  const std::string text = day();
  for (auto _ : state) benchmark::DoNotOptimize(read_csv(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(read_a_day_of_csv)->Unit(benchmark::kMillisecond);

void only_its_numbers(benchmark::State& state) {
  const std::string text = day();
  for (auto _ : state) {
    const char* at = text.data();
    const char* end = at + text.size();
    while (at < end) {
      double number = 0;
      at = std::from_chars(at, end, number).ptr + 1;
      benchmark::DoNotOptimize(number);
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(only_its_numbers)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace simulation
