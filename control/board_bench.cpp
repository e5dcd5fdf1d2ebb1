// What it costs to keep decisions: time per change and per repetition, memory per record, and the
// time a restart takes. The baseline keeps a deque of values per object.

#include <benchmark/benchmark.h>

#include <deque>
#include <map>

#include "base/memory.h"
#include "control/record_codec.h"
#include "control/records.h"
#include "control/testing/decisions.h"
#include "json/json.h"
#include "scale/explain.h"

namespace control {
namespace {

using testing::start;

constexpr std::size_t budget = 64 << 20;
constexpr std::size_t baseline_max = 200;

// As an operator makes it: reasons in words, one limit on the way.
scale::Decision change(std::int64_t i) {
  const auto from = static_cast<scale::Replicas>(i % 10);
  auto d = testing::decision(from, from + 1, start + i * std::chrono::milliseconds(1));
  d.reason = "queue-depth is 420 (target 10 per replica): 42 replicas; max replicas is 10";
  d.clamps = {{.kind = scale::ClampKind::max,
               .before = 42,
               .after = from + 1,
               .detail = "max replicas is 10"}};
  d.again_at = d.at + std::chrono::minutes(5);
  return d;
}

std::vector<kube::Key> keys(std::int64_t count) {
  std::vector<kube::Key> made;
  for (std::int64_t i = 0; i < count; ++i)
    made.push_back({"namespace", "object-" + std::to_string(i)});
  return made;
}

double heap_bytes() {
  return static_cast<double>(base::heap_bytes());
}

// The baseline: a map of deques.
struct Deques {
  std::map<kube::Key, std::deque<std::pair<scale::Decision, std::uint64_t>>> objects;
  std::size_t records = 0;

  void record(const kube::Key& key, scale::Decision d) {
    auto& list = objects[key];
    if (!list.empty() && scale::same_story(list.back().first, d)) {
      ++list.back().second;
      return;
    }
    list.emplace_back(std::move(d), 1);
    ++records;
    if (list.size() <= baseline_max) return;
    list.pop_front();
    --records;
  }
  std::size_t size() const { return records; }
  std::size_t bytes() const { return 0; }
};

struct Ring : Records {
  Ring() : Records(budget, nullptr, registry) {}
  static inline base::metrics::Registry registry;
};

// Every decision is another outcome; memory is measured when four per object have been made.
template <class Kept>
void changes(benchmark::State& state) {
  const auto names = keys(state.range(0));
  const double before = heap_bytes();
  Kept kept;
  std::int64_t i = 0;
  const auto next = [&] {
    const auto count = static_cast<std::int64_t>(names.size());
    kept.record(names[static_cast<std::size_t>(i % count)], change(i / count + i % count));
    ++i;
  };
  while (i < 4 * state.range(0)) next();
  state.counters["heap_B/record"] = (heap_bytes() - before) / static_cast<double>(kept.size());
  state.counters["counted_B/record"] =
      static_cast<double>(kept.bytes()) / static_cast<double>(kept.size());
  for (auto _ : state) next();
  state.counters["records"] = static_cast<double>(kept.size());
}
BENCHMARK(changes<Deques>)->Name("baseline_change")->Arg(1000)->Arg(100'000);
BENCHMARK(changes<Ring>)->Name("board_change")->Arg(1000)->Arg(100'000);

// What making the decision itself costs: part of every other figure.
void make_only(benchmark::State& state) {
  std::int64_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(change(i++));
}
BENCHMARK(make_only);

template <class Kept>
void repetitions(benchmark::State& state) {
  const auto names = keys(state.range(0));
  Kept kept;
  for (const auto& key : names) kept.record(key, change(0));
  std::size_t i = 0;
  for (auto _ : state) {
    auto d = change(0);
    d.at = start + std::chrono::milliseconds(i);
    kept.record(names[i++ % names.size()], std::move(d));
  }
}
BENCHMARK(repetitions<Deques>)->Name("baseline_repeat")->Arg(1000)->Arg(100'000);
BENCHMARK(repetitions<Ring>)->Name("board_repeat")->Arg(1000)->Arg(100'000);

// What a record takes in the ring and in the journal, by its encoding; text is what it took before.
void encodings(benchmark::State& state) {
  const auto d = change(1);
  const RecordHead head{.at = d.at, .last = d.at};
  std::string bytes;
  for (auto _ : state) benchmark::DoNotOptimize(bytes = encode_record(head, d, nullptr));
  state.counters["packed_B"] = static_cast<double>(bytes.size());
  state.counters["repeated_B"] = static_cast<double>(encode_record(head, d, &d).size());
  state.counters["json_B"] = static_cast<double>(json::print(scale::to_json(d, {})).size());
}
BENCHMARK(encodings)->Name("encode_record");

void restore(benchmark::State& state) {
  testing::CountingJournal journal;
  base::metrics::Registry registry;
  const auto names = keys(state.range(0));
  Records made(budget, &journal, registry);
  for (std::int64_t i = 0; i < 100'000; ++i)
    made.record(names[static_cast<std::size_t>(i % state.range(0))], change(i / state.range(0)));
  for (auto _ : state) {
    Records restored(budget, &journal, registry);
    if (!restored.restore() || restored.size() != made.size()) state.SkipWithError("not the same");
  }
}
BENCHMARK(restore)
    ->Name("board_restore_100000_records")
    ->Arg(1)
    ->Arg(25'000)
    ->Unit(benchmark::kMillisecond);

// The newest record at a moment near the oldest one kept, of an object that owns the whole ring.
void moment_of_the_past(benchmark::State& state) {
  Ring ring;
  const kube::Key key{"namespace", "object"};
  for (std::int64_t i = 0; i < 300'000; ++i) ring.record(key, change(i));
  const Timestamp oldest = ring.list(key, SIZE_MAX).back().decision.at;
  for (auto _ : state) benchmark::DoNotOptimize(ring.at(key, oldest));
  state.counters["records"] = static_cast<double>(ring.size());
}
BENCHMARK(moment_of_the_past)->Name("board_moment_of_the_past");

}  // namespace
}  // namespace control
