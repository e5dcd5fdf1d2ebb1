// Time per decision, from the plain arithmetic (the baseline) to a decision with its JSON.

#include <benchmark/benchmark.h>

#include "scale/arithmetic.h"
#include "scale/explain.h"
#include "scale/testing/scenes.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;

Scene busy_scene(int triggers) {
  Scene scene;
  scene.spec.triggers.clear();
  for (int i = 0; i < triggers; ++i)
    scene.spec.triggers.push_back(trigger("queue-" + std::to_string(i), 10));
  scene.spec.down.stabilization = 300s;
  return scene;
}

std::vector<Reading> readings(int triggers, double v) {
  return std::vector(static_cast<std::size_t>(triggers), value(v));
}

void baseline_arithmetic(benchmark::State& state) {
  double v = 0;
  for (auto _ : state) {
    v = v < 900 ? v + 1 : 1;
    benchmark::DoNotOptimize(ask(v, 10, 5, {}));
  }
}
BENCHMARK(baseline_arithmetic);

// The signal changes at every decision: the worst case, every step formats its words.
void decide_changing(benchmark::State& state) {
  const int triggers = static_cast<int>(state.range(0));
  Scene scene = busy_scene(triggers);
  auto input = readings(triggers, 1);
  Timestamp now = at(0s);
  for (auto _ : state) {
    now = now + 100ms;
    input[0].value = input[0].value < 900 ? input[0].value + 1 : 1;
    benchmark::DoNotOptimize(scene.decide(input, now));
  }
}
BENCHMARK(decide_changing)->Arg(1)->Arg(3)->Arg(10);

void decide_steady(benchmark::State& state) {
  Scene scene = busy_scene(1);
  const auto input = readings(1, 50);
  Timestamp now = at(0s);
  for (auto _ : state) {
    now = now + 100ms;
    benchmark::DoNotOptimize(scene.decide(input, now));
  }
}
BENCHMARK(decide_steady);

void decide_and_print_json(benchmark::State& state) {
  Scene scene = busy_scene(1);
  const auto input = readings(1, 50);
  Timestamp now = at(0s);
  for (auto _ : state) {
    now = now + 100ms;
    benchmark::DoNotOptimize(json::print(to_json(scene.decide(input, now), scene.spec)));
  }
}
BENCHMARK(decide_and_print_json);

}  // namespace
}  // namespace scale
