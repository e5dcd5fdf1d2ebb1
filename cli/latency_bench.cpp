// From an OTLP request to the decision and to the write in the embedded API: 10 000 jumps of one
// gauge, one after the other, through real sockets and both threads. The baseline of the same run
// is the request's own answer.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "base/check.h"
#include "cli/ingest.h"
#include "cluster/api.h"
#include "control/operator.h"
#include "kube/client.h"
#include "net/client.h"
#include "otlp/encode.h"

namespace cli {
namespace {

constexpr int jumps = 10'000;
constexpr std::string_view export_method =
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

constexpr std::string_view deployment =
    R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web",
    "namespace":"default"},"spec":{"replicas":1,"selector":{"matchLabels":{"app":"w"}},"template":{"metadata":{"labels":
    {"app":"w"}},"spec":{"containers":[{"name":"c","image":"i","command":["true"]}]}}}})";
constexpr std::string_view scaled_object =
    R"({"apiVersion":"keda.sh/v1alpha1","kind":"ScaledObject","metadata":{"name":
    "so","namespace":"default"},"spec":{"scaleTargetRef":{"name":"web"},"minReplicaCount":1,"advanced":{
    "horizontalPodAutoscalerConfig":{"behavior":{"scaleDown":{"stabilizationWindowSeconds":0},"scaleUp":{"policies":[{
    "type":"Pods","value":10,"periodSeconds":15}]}}}},"triggers":[{"type":
    "kedify-otel","metadata":{"metricQuery":"depth","window":"100ms","targetValue":"10"}}]}})";

std::int64_t steady_ns() {
  return base::SystemClock{}.steady().time_since_epoch().count();
}

// The control side of a standalone Tidewheel, on a thread of its own.
class Control {
 public:
  explicit Control(Ingest& ingest)
      : op_({loop_, client_, ingest.gateway(), board_, nullptr, clock_}, {}, Log{}, metrics_),
        tasks_(loop_.executor(), Log{}) {
    board_.listen([this](const control::BoardEvent& event) {
      if (event.type == control::BoardEvent::Type::decided && event.record->count == 1) {
        decided_ns = steady_ns();
      }
    });
    tasks_.spawn(op_.run());
    tasks_.spawn(prepare());
    tasks_.spawn(watch_writes());
    thread_ = std::thread([this] { loop_.run(); });
    while (!prepared) std::this_thread::yield();
  }

  ~Control() {
    loop_.post([this] { last_.spawn(stop()); });
    thread_.join();
    while (last_.size() > 0) loop_.poll();
  }

  std::atomic<bool> prepared = false;
  std::atomic<std::int64_t> decided_ns = 0;
  std::atomic<std::int64_t> written_ns = 0;
  std::atomic<int> replicas = 0;

 private:
  Task<void> prepare() {
    auto made = co_await client_.create(kube::deployments, "default", *json::parse(deployment));
    CHECK(made);
    made = co_await client_.create(kube::scaled_objects, "default", *json::parse(scaled_object));
    CHECK(made);
    // Until the window has filled once, nothing goes down.
    co_await base::sleep_for(std::chrono::milliseconds(200));
    prepared = true;
  }

  Task<void> watch_writes() {
    auto watch = co_await client_.watch(kube::deployments);
    CHECK(watch);
    for (;;) {
      auto event = co_await (*watch)->next();
      if (!event) co_return;
      const auto now =
          static_cast<int>(*json::int_at(*json::find(event->object, "spec"), "replicas"));
      if (now != replicas) {
        written_ns = steady_ns();
        replicas = now;
      }
    }
  }

  Task<void> stop() {
    tasks_.stop();
    co_await tasks_.join();
    loop_.stop();
  }

  base::SystemClock clock_;
  base::metrics::Registry metrics_;
  base::Loop loop_;
  std::unique_ptr<cluster::Api> api_ = std::move(*cluster::Api::open(nullptr, clock_, Log{}));
  kube::Client client_{*api_};
  control::Board board_{{}, nullptr};
  control::Operator op_;
  base::TaskGroup tasks_;
  base::TaskGroup last_{loop_.executor(), Log{}};
  std::thread thread_;
};

struct Samples {
  std::vector<double> answered;
  std::vector<double> decided;
  std::vector<double> written;
};

double percentile(std::vector<double>& values, double p) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(p * static_cast<double>(values.size() - 1))];
}

otlp::Request gauge(double value, Timestamp at) {
  const otlp::DataPoint point{.time_ns = static_cast<std::uint64_t>(at.ns), .value = value};
  const otlp::Metric metric{.name = "depth", .points = {point}};
  return {.resources = {{.scopes = {{.metrics = {metric}}}}}};
}

Task<void> jump(Control* control, std::uint16_t port, Samples* samples, benchmark::State* state) {
  auto channel = co_await net::grpc::Channel::open(net::Address{"127.0.0.1", port});
  CHECK(channel);
  const base::SystemClock clock;
  int n = 0;
  for (auto _ : *state) {
    const int want = n++ % 2 == 0 ? 5 : 2;
    std::string body = otlp::encode(gauge(want * 10.0, clock.now()));
    const std::int64_t sent = steady_ns();
    auto answer = co_await (*channel)->unary(std::string(export_method), std::move(body),
                                             std::chrono::seconds(10));
    CHECK(answer);
    samples->answered.push_back(static_cast<double>(steady_ns() - sent) / 1e3);
    while (control->replicas != want) std::this_thread::yield();
    samples->decided.push_back(static_cast<double>(control->decided_ns - sent) / 1e3);
    samples->written.push_back(static_cast<double>(control->written_ns - sent) / 1e3);
    state->SetIterationTime(samples->written.back() / 1e6);
  }
  co_await (*channel)->close();
}

void request_to_write(benchmark::State& state) {
  const base::SystemClock clock;
  base::metrics::Registry metrics;
  Options options;
  options.otlp_port = 0;
  options.scaler_port = 0;
  auto ingest = Ingest::start(options, "127.0.0.1", clock, Log{}, metrics);
  CHECK(ingest);
  Control control(**ingest);
  Samples samples;
  base::Loop loop;
  base::TaskGroup tasks(loop.executor(), Log{});
  tasks.spawn(jump(&control, (*ingest)->otlp_port(), &samples, &state));
  loop.run_until([&tasks] { return tasks.size() == 0; });
  state.counters["answer_p50_us"] = percentile(samples.answered, 0.5);
  state.counters["answer_p99_us"] = percentile(samples.answered, 0.99);
  state.counters["decision_p50_us"] = percentile(samples.decided, 0.5);
  state.counters["decision_p99_us"] = percentile(samples.decided, 0.99);
  state.counters["write_p50_us"] = percentile(samples.written, 0.5);
  state.counters["write_p99_us"] = percentile(samples.written, 0.99);
}
BENCHMARK(request_to_write)->Iterations(jumps)->UseManualTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace cli
