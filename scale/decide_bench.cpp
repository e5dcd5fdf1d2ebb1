// Time and allocations per decision, from the plain arithmetic (the baseline) to a decision with
// its words; 100 000 objects in one second; bytes of state per object.

#include <benchmark/benchmark.h>

#include <ctime>

#include "scale/ask.h"
#include "scale/explain.h"
#include "scale/testing/allocations.h"
#include "scale/testing/scenes.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;

// An object decided again and again, its memory going round as the operator's does.
struct Loop {
  Spec spec;
  Workload workload{.replicas = 5, .object_created = at(0s)};
  History history;
  Outcome spare;
  std::vector<Reading> readings;

  explicit Loop(std::size_t triggers) {
    spec.behavior = prompt_behavior();
    spec.behavior->down.window = 300s;
    for (std::size_t i = 0; i < triggers; ++i)
      spec.triggers.push_back(trigger("queue-" + std::to_string(i), 10));
    readings.assign(triggers, value(50));
  }

  const Decision& decide(Timestamp now) {
    Outcome outcome = scale::decide(spec, readings, workload, history, now, std::move(spare));
    workload.replicas = outcome.decision.to;
    std::swap(history, outcome.next);
    spare = std::move(outcome);
    return spare.decision;
  }
};

void count_allocations(benchmark::State& state, std::uint64_t before) {
  state.counters["allocations"] = benchmark::Counter(static_cast<double>(allocations - before) /
                                                     static_cast<double>(state.iterations()));
}

// Bytes of one object's history.
std::size_t bytes_of(const History& history) {
  return sizeof(History) + history.held.capacity() * sizeof(History::Held) +
         (history.highs.capacity() + history.lows.capacity()) * sizeof(History::Recommendation) +
         (history.events.up.capacity() + history.events.down.capacity()) * sizeof(hpa::ScaleEvent);
}

void baseline_arithmetic(benchmark::State& state) {
  double v = 0;
  for (auto _ : state) {
    v = v < 900 ? v + 1 : 1;
    benchmark::DoNotOptimize(ask(v, {.target = 10, .current = 5}));
  }
}
BENCHMARK(baseline_arithmetic);

void run_steady(benchmark::State& state, Loop loop) {
  Timestamp now = at(0s);
  for (int i = 0; i < 5000; ++i) loop.decide(now = now + 100ms);
  const std::uint64_t before = allocations;
  for (auto _ : state) {
    now = now + 100ms;
    benchmark::DoNotOptimize(loop.decide(now).to);
  }
  count_allocations(state, before);
  state.counters["history_bytes"] = static_cast<double>(bytes_of(loop.history));
}

void decide_steady(benchmark::State& state) {
  run_steady(state, Loop(static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(decide_steady)->Arg(1)->Arg(4)->Arg(16);

void decide_without_behaviour(benchmark::State& state) {
  Loop loop(1);
  loop.spec.behavior.reset();
  run_steady(state, std::move(loop));
}
BENCHMARK(decide_without_behaviour);

void decide_failing(benchmark::State& state) {
  Loop loop(1);
  loop.decide(at(0s));
  loop.readings[0] = failed();
  run_steady(state, std::move(loop));
}
BENCHMARK(decide_failing);

void decide_composite(benchmark::State& state) {
  Loop loop(2);
  const std::vector<std::string> names = {"a", "b"};
  loop.spec.modifiers =
      Modifiers{.formula = *formula::compile("(a + b) / 2", names), .text = {}, .target = 10};
  run_steady(state, std::move(loop));
}
BENCHMARK(decide_composite);

// The signal and the count change at every decision, and windows and events fill.
void decide_changing(benchmark::State& state) {
  const auto triggers = static_cast<std::size_t>(state.range(0));
  Loop loop(triggers);
  Timestamp now = at(0s);
  double v = 1;
  const auto step = [&] {
    now = now + 100ms;
    v = v < 900 ? v + 1 : 1;
    loop.readings[0].value = v;
    benchmark::DoNotOptimize(loop.decide(now).to);
  };
  for (int i = 0; i < 50'000; ++i) step();
  const std::uint64_t before = allocations;
  for (auto _ : state) step();
  count_allocations(state, before);
  state.counters["history_bytes"] = static_cast<double>(bytes_of(loop.history));
}
BENCHMARK(decide_changing)->Arg(1)->Arg(4)->Arg(16);

void decide_and_print_json(benchmark::State& state) {
  Loop loop(1);
  Timestamp now = at(0s);
  for (auto _ : state) {
    now = now + 100ms;
    benchmark::DoNotOptimize(json::print(to_json(loop.decide(now), loop.spec)));
  }
}
BENCHMARK(decide_and_print_json);

// 100 000 objects that are due in one second: how much of one core they take.
void hundred_thousand_objects(benchmark::State& state) {
  constexpr std::size_t objects = 100'000;
  std::vector<Loop> loops(objects, Loop(1));
  Timestamp now = at(0s);
  for (int i = 0; i < 3; ++i) {
    now = now + 15s;
    for (Loop& loop : loops) loop.decide(now);
  }
  const std::clock_t begin = std::clock();
  for (auto _ : state) {
    now = now + 1s;
    for (Loop& loop : loops) benchmark::DoNotOptimize(loop.decide(now).to);
  }
  const double cpu_s = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  state.counters["percent_of_a_core"] = 100 * cpu_s / static_cast<double>(state.iterations());
}
BENCHMARK(hundred_thousand_objects)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace scale
