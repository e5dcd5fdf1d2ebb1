// What a point costs and what a series weighs, beside the naive way: a map from printed labels to
// samples.

#include <benchmark/benchmark.h>

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/memory.h"
#include "tsdb/shards.h"

namespace tsdb {
namespace {

constexpr Timestamp begin{1'800'000'000'000'000'000};
constexpr Duration step = std::chrono::seconds(10);

// The shape of real exporters: resources of 8 attributes, 20 counters each, points of 4 attributes.
class Traffic {
 public:
  explicit Traffic(std::size_t series) {
    constexpr std::size_t metrics = 20;
    constexpr std::size_t points = 10;
    const std::size_t resources = series / (metrics * points);
    for (std::size_t i = 0; i < metrics; ++i)
      names_.push_back("http.server.requests." + std::to_string(i));
    for (std::size_t i = 0; i < points; ++i)
      routes_.push_back("/api/v1/orders/" + std::to_string(i));
    for (std::size_t i = 0; i < resources; ++i)
      pods_.push_back("checkout-7d4b9c6f5-" + std::to_string(i));
  }

  // Calls `use(view)` once per series, in the order in which requests bring them.
  template <class Use>
  void each(Use use) const {
    for (const auto& pod : pods_) {
      const LabelView resource[] = {
          {"service.name", "checkout"},         {"service.namespace", "shop"},
          {"service.instance.id", pod},         {"k8s.pod.name", pod},
          {"k8s.namespace.name", "production"}, {"telemetry.sdk.name", "opentelemetry"},
          {"telemetry.sdk.language", "go"},     {"telemetry.sdk.version", "1.28.0"}};
      for (const auto& name : names_) {
        for (const auto& route : routes_) {
          const LabelView attributes[] = {{"http.request.method", "GET"},
                                          {"http.route", route},
                                          {"http.response.status_code", "200"},
                                          {"network.protocol.version", "1.1"}};
          use(SeriesView{.metric = name,
                         .kind = Kind::sum,
                         .temporality = Temporality::cumulative,
                         .monotonic = true,
                         .resource = resource,
                         .scope_name = "io.opentelemetry.http",
                         .scope_version = "1.0",
                         .attributes = attributes});
        }
      }
    }
  }

 private:
  std::vector<std::string> names_;
  std::vector<std::string> routes_;
  std::vector<std::string> pods_;
};

class Naive {
 public:
  void append(const SeriesView& view, const Point& point, Timestamp now) {
    std::string key(view.metric);
    for (const auto& labels : {view.resource, view.attributes}) {
      for (const auto& label : labels)
        key.append("|").append(label.name).append("=").append(label.value);
    }
    auto& samples = series_[key];
    while (!samples.empty() && samples.front().first < now - std::chrono::seconds(120))
      samples.pop_front();
    samples.emplace_back(point.time, point.value.number());
  }

 private:
  std::unordered_map<std::string, std::deque<std::pair<Timestamp, double>>> series_;
};

struct Ours {
  base::metrics::Registry registry;
  Shards store{{}, 1, Log{}, registry};
  void append(const SeriesView& view, const Point& point, Timestamp now) {
    store.append(view, point, now);
  }
};

// As a receiver does it: a request's digests are looked up together, labels are read once.
struct OursByDigest : Ours {
  static constexpr std::size_t batch_points = 2'000;
  std::vector<Digest> digests;
  std::vector<Point> points;
  std::vector<Series*> known;
  std::uint64_t sent = 0;
  std::uint64_t series = 0;  // one round; 0 in the first one

  void append(const SeriesView& view, const Point& point, Timestamp now) {
    const Digest digest = digest_of(series == 0 ? sent : sent % series);
    ++sent;
    if (series == 0) {
      store.look(0, [&](Store& shard) { shard.append(view, digest, point, now); });
      return;
    }
    digests.push_back(digest);
    points.push_back(point);
    if (digests.size() == batch_points) flush(now);
  }
  void end_round(Timestamp now) {
    if (series == 0) series = sent;
    flush(now);
  }

 private:
  // Stands for what the receiver's walk has added up.
  Digest digest_of(std::uint64_t number) const {
    return store.hasher().of({reinterpret_cast<const char*>(&number), sizeof number});
  }
  void flush(Timestamp now) {
    constexpr std::size_t ahead = 8;
    known.assign(digests.size(), nullptr);
    store.write(0, now, [&](Store& shard, Timestamp) {
      shard.find(digests, known);
      for (std::size_t i = 0; i < known.size(); ++i) {
        if (i + ahead < known.size()) shard.prefetch(*known[i + ahead]);
        shard.append(*known[i], Shape::counter, points[i], now);
      }
    });
    digests.clear();
    points.clear();
  }
};

// Fills with six samples per series outside the timing, then times further rounds of one point per
// series.
template <class Keeper>
void append_known(benchmark::State& state) {
  const auto series = static_cast<std::size_t>(state.range(0));
  const Traffic traffic(series);
  const std::size_t before = base::heap_bytes();
  auto keeper = std::make_unique<Keeper>();
  Timestamp now = begin;
  const auto round = [&] {
    now = now + step;
    traffic.each([&](const SeriesView& view) {
      keeper->append(view, {.time = now, .start = begin, .value = Value::of_int(now.ns - begin.ns)},
                     now);
    });
    if constexpr (requires { keeper->end_round(now); }) keeper->end_round(now);
  };
  for (int i = 0; i < 6; ++i) round();
  state.counters["bytes_per_series"] =
      static_cast<double>(base::heap_bytes() - before) / static_cast<double>(series);
  for (auto _ : state) round();
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["time_per_point"] = benchmark::Counter(
      static_cast<double>(series),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(append_known<OursByDigest>)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(append_known<Ours>)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(append_known<Naive>)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

// One answer over the series that a standing query has found.
void standing_answer(benchmark::State& state) {
  Ours ours;
  const Traffic traffic(static_cast<std::size_t>(state.range(0)) * 20);
  Timestamp now = begin;
  const auto round = [&](Timestamp at) {
    traffic.each([&](const SeriesView& view) {
      ours.append(view, {.time = at, .value = Value::of_int(at.ns)}, at);
    });
  };
  for (int i = 0; i < 6; ++i) round(now = now + step);
  const Question question{
      .query = *parse_metric_query("sum(http.server.requests.7{http.route=~\"/api/.*\"})"),
      .operation = Operation::rate};
  ours.store.subscribe(
      question, [](const Answer& answer) { benchmark::DoNotOptimize(answer.value); }, now);
  const LabelView attributes[] = {{"http.route", "/api/v1/orders/new"}};
  double value = 0;
  for (auto _ : state) {
    ours.append({.metric = "http.server.requests.7", .attributes = attributes},
                {.time = now, .value = Value::of(++value)}, now);
    ours.store.publish(now);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(standing_answer)->Arg(10)->Arg(1000)->Arg(10'000);

void sweep(benchmark::State& state) {
  Ours ours;
  const Traffic traffic(static_cast<std::size_t>(state.range(0)));
  traffic.each([&](const SeriesView& view) { ours.append(view, {.time = begin}, begin); });
  for (auto _ : state) ours.store.tick(begin);
}
BENCHMARK(sweep)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

void parse(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(parse_metric_query(
        "avg(http_server_request_count{app_id=nodeapp, method=GET, path=/v1.0})"));
  }
}
BENCHMARK(parse);

}  // namespace
}  // namespace tsdb
