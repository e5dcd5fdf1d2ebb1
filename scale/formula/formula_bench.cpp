// Time and allocations per evaluation, beside the same formula in plain C++.

#include <benchmark/benchmark.h>

#include <array>

#include "scale/formula/formula.h"
#include "scale/testing/allocations.h"

namespace scale::formula {
namespace {

using Values = std::array<std::optional<double>, 3>;
const std::vector<std::string> names = {"a", "b", "c"};

void evaluate(benchmark::State& state, std::string_view text) {
  const auto formula = compile(text, names);
  Values values = {1.0, 2.0, 3.0};
  const std::uint64_t before = testing::allocations;
  for (auto _ : state) {
    values[0] = *values[0] < 900 ? *values[0] + 1 : 1;
    benchmark::DoNotOptimize(formula->evaluate(values));
  }
  state.counters["allocations"] = benchmark::Counter(
      static_cast<double>(testing::allocations - before), benchmark::Counter::kAvgIterations);
}

template <class Compute>
void plain(benchmark::State& state, Compute compute) {
  Values values = {1.0, 2.0, 3.0};
  for (auto _ : state) {
    values[0] = *values[0] < 900 ? *values[0] + 1 : 1;
    benchmark::DoNotOptimize(values);
    benchmark::DoNotOptimize(compute(*values[0], *values[1], *values[2]));
  }
}

BENCHMARK_CAPTURE(plain, average, [](double a, double b, double) { return (a + b) / 2; });
BENCHMARK_CAPTURE(evaluate, average, "(a + b) / 2");
BENCHMARK_CAPTURE(plain, choice, [](double a, double b, double c) {
  return a > 2 ? a + b : c > 1 ? c : 1;
});
BENCHMARK_CAPTURE(evaluate, choice, "a > 2 ? a + b : c > 1 ? c : 1");
BENCHMARK_CAPTURE(evaluate, coalesce, "a ?? b ?? c ?? 8");
BENCHMARK_CAPTURE(plain, count, [](double a, double b, double c) {
  return (a > 1) + (b > 1) + (c > 1) > 1 ? 5 : 0;
});
BENCHMARK_CAPTURE(evaluate, count, "count([a, b, c], {# > 1}) > 1 ? 5 : 0");
BENCHMARK_CAPTURE(evaluate, sort, "sort([a, b, c])[0]");
BENCHMARK_CAPTURE(evaluate, sum_of_1000, "sum(1..1000, # * a)");

void compile_formula(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(compile("count([a, b, c], {# > 1}) > 1 ? 5 : 0", names));
}
BENCHMARK(compile_formula);

}  // namespace
}  // namespace scale::formula
