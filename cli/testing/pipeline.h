#pragma once

// The whole pipeline in one thread and without sockets: points into the store, replicas and reasons
// out of the embedded API. Time stands still until a test moves it.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/testing/fake_clock.h"
#include "cluster/api.h"
#include "control/operator.h"
#include "kube/client.h"
#include "storage/testing/fake_journal.h"
#include "tsdb/gateway.h"

namespace cli::testing {

inline json::Value deployment(std::string_view name, int replicas) {
  return *json::parse(
      R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":")" + std::string(name) +
      R"(","namespace":"default"},"spec":{"replicas":)" + std::to_string(replicas) +
      R"(,"selector":{"matchLabels":{"app":"w"}},"template":{"metadata":{"labels":{"app":"w"}},"spec":
                      {"containers":[{"name":"c","image":"i","command":["true"]}]}}}})");
}

inline json::Value scaled_object(std::string_view extra_spec, std::string_view annotations = "{}") {
  return *json::parse(
      R"({"apiVersion":"keda.sh/v1alpha1","kind":"ScaledObject","metadata":{"name":"so",
      "namespace":"default","annotations":)" +
      std::string(annotations) + R"(},"spec":{"scaleTargetRef":{"name":"web"},
      "cooldownPeriod":30,"advanced":{"horizontalPodAutoscalerConfig":{"behavior":{"scaleDown":
      {"stabilizationWindowSeconds":0},"scaleUp":{"policies":[{"type":"Pods","value":10,"periodSeconds":15}]}}}},)" +
      std::string(extra_spec) + R"("triggers":[{"type":"kedify-otel",
      "name":"queue","metadata":{"metricQuery":"depth","targetValue":"10"}}]}})");
}

// The API, which can be told to refuse every write of a scale.
class Refusing final : public kube::Transport {
 public:
  explicit Refusing(kube::Transport& below) : below_(below) {}

  Task<Result<json::Value>> call(kube::Request request) override {
    if (refuses && request.subresource == "scale" && request.verb != kube::Verb::get)
      co_return fail(Code::unavailable, "no scale today");
    co_return co_await below_.call(std::move(request));
  }
  Task<Result<std::unique_ptr<kube::Watch>>> watch(kube::Request request) override {
    co_return co_await below_.watch(std::move(request));
  }

  bool refuses = false;

 private:
  kube::Transport& below_;
};

// The store's usual retention: how far back a trigger without a window of its own looks.
inline constexpr Duration window = std::chrono::seconds(120);

class Pipeline : public ::testing::Test {
 protected:
  explicit Pipeline(Duration keeps = window) : retention(keeps) {
    begin();
    advance(retention);
  }
  ~Pipeline() override { end(); }

  void begin() {
    board = std::make_unique<control::Board>(control::BoardOptions{}, nullptr);
    tasks = std::make_unique<base::TaskGroup>(control_loop.executor(), Log{});
    op = std::make_unique<control::Operator>(
        control::OperatorParts{control_loop, client, gateway, *board, journal, clock},
        control::OperatorOptions{.retention = retention}, Log{}, registry);
    tasks->spawn(op->run());
    settle();
  }

  void end() {
    tasks->stop();
    while (tasks->size() > 0) settle();
    op.reset();
    settle();
  }

  // Runs both loops until neither has anything left to do now.
  void settle() {
    while (control_loop.poll() + ingest_loop.poll() > 0) continue;
  }

  template <class T>
  Result<T> wait(Task<Result<T>> task) {
    Result<T> result = fail(Code::internal, "not finished");
    base::TaskGroup group(control_loop.executor(), Log{});
    group.spawn(keep(std::move(task), &result));
    settle();
    return result;
  }

  template <class T>
  static Task<void> keep(Task<Result<T>> task, Result<T>* result) {
    *result = co_await std::move(task);
  }

  void create(const kube::Resource& resource, json::Value object) {
    const auto made = wait(client.create(resource, "default", std::move(object)));
    ASSERT_TRUE(made) << made.error().what;
  }

  // A batch of one point, now.
  tsdb::Appended send(const tsdb::SeriesView& series, const tsdb::Point& point) {
    const auto appended = store.append(series, point, clock.now());
    store.publish(clock.now());
    settle();
    return appended;
  }
  tsdb::Appended send(const tsdb::SeriesView& series, double value) {
    return send(series, tsdb::Point{.time = clock.now(), .value = tsdb::Value::of(value)});
  }

  void push(double value) { ASSERT_EQ(send({.metric = "depth"}, value), tsdb::Appended::stored); }

  void advance(Duration d) {
    clock.advance(d);
    store.tick(clock.now());
    settle();
  }

  int replicas() {
    const auto count = wait(client.replicas(kube::deployments, {"default", "web"}));
    return count ? *count : -1;
  }

  std::string reason() {
    const auto records = board->records().list({"default", "so"}, 1);
    return records.empty() ? "" : records[0].decision.reason;
  }

  scale::Reading reading() { return board->object({"default", "so"})->triggers[0].reading; }

  const Duration retention;
  base::testing::FakeClock clock;
  base::metrics::Registry registry;
  base::Loop control_loop;
  base::Loop ingest_loop;
  tsdb::Shards store{{.retention = retention}, 1, Log{}, registry};
  tsdb::Gateway gateway{ingest_loop, store, clock};
  std::unique_ptr<cluster::Api> api = std::move(*cluster::Api::open(nullptr, clock, Log{}));
  Refusing transport{*api};
  kube::Client client{transport};
  storage::testing::FakeJournal disk;
  storage::Journal* journal = nullptr;  // the operator's, from the next begin() on; &disk, or none
  std::unique_ptr<control::Board> board;
  std::unique_ptr<base::TaskGroup> tasks;
  std::unique_ptr<control::Operator> op;
};

}  // namespace cli::testing
