// The whole pipeline in one thread and without sockets: points into the store, replicas and reasons
// out of the embedded API.

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "base/testing/fake_clock.h"
#include "cluster/api.h"
#include "control/operator.h"
#include "kube/client.h"
#include "tsdb/gateway.h"

namespace cli {
namespace {

using namespace std::chrono_literals;

json::Value deployment(std::string_view name, int replicas) {
  return *json::parse(
      R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":")" + std::string(name) +
      R"(","namespace":"default"},"spec":{"replicas":)" + std::to_string(replicas) +
      R"(,"selector":{"matchLabels":{"app":"w"}},"template":{"metadata":{"labels":{"app":"w"}},"spec":
                      {"containers":[{"name":"c","image":"i","command":["true"]}]}}}})");
}

json::Value scaled_object(std::string_view extra_spec, std::string_view annotations = "{}") {
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

// The store's retention: how far back a trigger without a window of its own looks.
constexpr Duration window = 120s;

class Pipeline : public ::testing::Test {
 protected:
  Pipeline() {
    begin();
    advance(window);
  }
  ~Pipeline() override { end(); }

  void begin() {
    board = std::make_unique<control::Board>(control::BoardOptions{}, nullptr);
    tasks = std::make_unique<base::TaskGroup>(control_loop.executor(), Log{});
    op = std::make_unique<control::Operator>(
        control::OperatorParts{control_loop, client, gateway, *board, nullptr, clock},
        control::OperatorOptions{}, Log{}, registry);
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

  void push(double value) {
    const tsdb::SeriesView series{.metric = "depth"};
    ASSERT_EQ(
        store.append(series, {.time = clock.now(), .value = tsdb::Value::of(value)}, clock.now()),
        tsdb::Appended::stored);
    store.publish(clock.now());
    settle();
  }

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

  base::testing::FakeClock clock;
  base::metrics::Registry registry;
  base::Loop control_loop;
  base::Loop ingest_loop;
  tsdb::Store store{{}, Log{}, registry};
  tsdb::Gateway gateway{ingest_loop, store, clock};
  std::unique_ptr<cluster::Api> api = std::move(*cluster::Api::open(nullptr, clock, Log{}));
  Refusing transport{*api};
  kube::Client client{transport};
  std::unique_ptr<control::Board> board;
  std::unique_ptr<base::TaskGroup> tasks;
  std::unique_ptr<control::Operator> op;
};

TEST_F(Pipeline, FollowsAGaugeFromZeroToNAndBack) {
  create(kube::deployments, deployment("web", 0));
  create(kube::scaled_objects, scaled_object(""));
  EXPECT_TRUE(op->synced());
  EXPECT_EQ(replicas(), 0);
  push(42);
  EXPECT_EQ(replicas(), 5);
  EXPECT_NE(reason().find("queue"), std::string::npos) << reason();
  advance(1s);
  push(18);
  EXPECT_EQ(replicas(), 2);
  advance(1s);
  push(0);
  EXPECT_EQ(replicas(), 1) << "cooling down";
  advance(29s);
  push(0);
  EXPECT_EQ(replicas(), 1);
  advance(2s);
  push(0);
  EXPECT_EQ(replicas(), 0);
}

TEST_F(Pipeline, HoldsWhenTheSenderStops) {
  create(kube::deployments, deployment("web", 0));
  create(kube::scaled_objects, scaled_object(""));
  push(42);
  for (int i = 0; i < 60; ++i) advance(10s);
  EXPECT_EQ(replicas(), 5);
  const auto view = board->object({"default", "so"});
  ASSERT_TRUE(view);
  EXPECT_EQ(view->triggers[0].reading.state, scale::Reading::State::stale);
  EXPECT_TRUE(view->triggers[0].held);
  advance(1s);
  push(11);
  EXPECT_EQ(replicas(), 2);
}

TEST_F(Pipeline, ARefusedWriteIsAProblemForAsLongAsItIsWanted) {
  create(kube::deployments, deployment("web", 0));
  create(kube::scaled_objects, scaled_object(""));
  transport.refuses = true;
  push(42);
  EXPECT_EQ(replicas(), 0);
  EXPECT_EQ(board->object({"default", "so"})->problems.size(), 1u);
  advance(1s);
  push(0);
  EXPECT_TRUE(board->object({"default", "so"})->problems.empty());
  transport.refuses = false;
  advance(1s);
  push(42);
  EXPECT_EQ(replicas(), 5);
}

TEST_F(Pipeline, SetsNothingToZeroBecauseNothingWasSentYet) {
  create(kube::deployments, deployment("web", 3));
  create(kube::scaled_objects, scaled_object(""));
  for (int i = 0; i < 60; ++i) advance(10s);
  EXPECT_EQ(replicas(), 3);
  EXPECT_EQ(board->object({"default", "so"})->triggers[0].reading.state,
            scale::Reading::State::absent);
}

TEST_F(Pipeline, WritesNothingWithTheAdvisoryEngine) {
  create(kube::deployments, deployment("web", 1));
  create(kube::scaled_objects, scaled_object("", R"({"tidewheel.dev/engine":"advisory"})"));
  push(42);
  EXPECT_EQ(replicas(), 1);
  EXPECT_EQ(board->object({"default", "so"})->desired, 5);
}

TEST_F(Pipeline, TellsOfAMissingWorkloadAndScalesItOnceItAppears) {
  create(kube::scaled_objects, scaled_object(""));
  push(42);
  ASSERT_FALSE(board->object({"default", "so"})->problems.empty());
  EXPECT_EQ(board->object({"default", "so"})->problems[0],
            "spec.scaleTargetRef: Deployment default/web does not exist");
  create(kube::deployments, deployment("web", 1));
  settle();
  EXPECT_EQ(replicas(), 5);
  EXPECT_TRUE(board->object({"default", "so"})->problems.empty());
}

TEST_F(Pipeline, FollowsAChangedSpecAndADeletedObject) {
  create(kube::deployments, deployment("web", 0));
  create(kube::scaled_objects, scaled_object(""));
  push(42);
  const auto patched = wait(client.patch(kube::scaled_objects, {"default", "so"},
                                         *json::parse(R"({"spec":{"maxReplicaCount":3}})")));
  ASSERT_TRUE(patched) << patched.error().what;
  settle();
  EXPECT_EQ(replicas(), 3);
  ASSERT_TRUE(wait(client.remove(kube::scaled_objects, {"default", "so"})));
  settle();
  EXPECT_FALSE(board->object({"default", "so"}));
  advance(1s);
  push(1000);
  EXPECT_EQ(replicas(), 3);
}

TEST_F(Pipeline, GoesOnAfterARestartOfTheOperator) {
  create(kube::deployments, deployment("web", 0));
  create(kube::scaled_objects, scaled_object(""));
  push(42);
  end();
  store.reset();
  begin();
  advance(60s);
  EXPECT_EQ(replicas(), 5) << "holds until fresh data arrive";
  push(19);
  EXPECT_EQ(replicas(), 5) << "and down only once the window has filled";
  EXPECT_NE(reason().find("just started"), std::string::npos) << reason();
  advance(1s);
  push(70);
  EXPECT_EQ(replicas(), 7) << "up at once";
  advance(1s);
  push(19);
  advance(60s);
  push(18);
  EXPECT_EQ(replicas(), 2);
}

TEST_F(Pipeline, WritesConditionsAndAnEventIntoTheApi) {
  create(kube::deployments, deployment("web", 0));
  create(kube::scaled_objects, scaled_object(""));
  push(42);
  const auto object = wait(client.get(kube::scaled_objects, {"default", "so"}));
  ASSERT_TRUE(object);
  const json::Value* conditions = json::find(*object, "status", "conditions");
  ASSERT_NE(conditions, nullptr);
  EXPECT_EQ(json::text_at(conditions->as_array()[0], "status"), "True");
  const auto events = wait(client.list(kube::events, "default"));
  ASSERT_TRUE(events);
  ASSERT_EQ(events->items.size(), 1u);
  EXPECT_EQ(json::text_at(events->items[0], "reason"), "KEDAScaleTargetActivated");
}

TEST_F(Pipeline, TellsOnceThatAFormulaFails) {
  create(kube::deployments, deployment("web", 4));
  json::Value object = scaled_object("");
  json::merge_patch(object, *json::parse(R"({"spec":{"advanced":{"scalingModifiers":
      {"formula":"100 / queue","target":"1"}}}})"));
  create(kube::scaled_objects, std::move(object));
  // How often it was told, and how.
  const auto warnings = [&] {
    std::vector<std::pair<std::int64_t, std::string>> all;
    const auto events = wait(client.list(kube::events, "default"));
    for (const json::Value& event : events->items) {
      if (json::text_at(event, "type") != "Warning") continue;
      EXPECT_EQ(json::text_at(event, "reason"), "KEDAMetricSourceFailed");
      all.emplace_back(json::int_at(event, "count").value_or(0),
                       json::text_at(event, "message").value_or(""));
    }
    return all;
  };
  using Told = std::vector<std::pair<std::int64_t, std::string>>;
  const std::string note = "composite-metric: formula:1:5: the result is not finite";
  push(25);
  EXPECT_EQ(warnings(), Told{});
  advance(1s);
  push(0);
  EXPECT_EQ(warnings(), (Told{{1, note}}));
  EXPECT_EQ(replicas(), 4) << "holds";
  for (int i = 0; i < 5; ++i) {
    advance(15s);
    push(0);
  }
  EXPECT_EQ(warnings(), (Told{{1, note}})) << "evaluated again is not told again";
  advance(1s);
  push(25);
  advance(1s);
  push(0);
  EXPECT_EQ(warnings(), (Told{{2, note}})) << "a new failure is";
}

}  // namespace
}  // namespace cli
