#include "cluster/autoscalers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <map>

#include "base/random.h"
#include "base/testing/fake_clock.h"
#include "cluster/api.h"
#include "kube/testing/await.h"
#include "kube/testing/samples.h"
#include "kube/types.h"
#include "scale/hpa/reconcile.h"
#include "scale/hpa/spec_json.h"

namespace cluster {
namespace {

namespace hpa = scale::hpa;
using namespace std::chrono_literals;
using kube::testing::await;
using kube::testing::deployment_sample;
using kube::testing::named;
using kube::testing::parsed;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const kube::Key web{"default", "web"};

// The embedded API, in front of which a test puts answers to writes of a scale.
class Doorman final : public kube::Transport {
 public:
  explicit Doorman(kube::Transport& api) : api_(api) {}

  std::deque<Error> scale_answers;  // given out first
  std::optional<Error> status_answer;

  Task<Result<json::Value>> call(kube::Request request) override {
    const bool update = request.verb == kube::Verb::update;
    if (update && request.subresource == "scale" && !scale_answers.empty()) {
      Error error = scale_answers.front();
      scale_answers.pop_front();
      co_return std::unexpected(std::move(error));
    }
    if (update && request.subresource == "status" && status_answer) {
      co_return std::unexpected(*status_answer);
    }
    co_return co_await api_.call(std::move(request));
  }
  Task<Result<std::unique_ptr<kube::Watch>>> watch(kube::Request request) override {
    co_return co_await api_.watch(std::move(request));
  }

 private:
  kube::Transport& api_;
};

// An External metric with an averageValue target, on the Deployment "web".
constexpr std::string_view external_spec = R"({
  "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
  "minReplicas": 1, "maxReplicas": 30,
  "metrics": [{"type": "External", "external": {
    "metric": {"name": "lag", "selector": {"matchLabels": {"queue": "mail"}}},
    "target": {"type": "AverageValue", "averageValue": "10"}}}]})";

json::Value autoscaler(const std::string& name, std::string_view spec) {
  json::Value object = named("autoscaling/v2", "HorizontalPodAutoscaler", name);
  object.get_object()["spec"] = parsed(spec);
  return object;
}

class AutoscalersTest : public ::testing::Test {
 protected:
  AutoscalersTest() { create(kube::deployments, deployment_sample("web", 4)); }
  ~AutoscalersTest() override { power_off(); }

  void power_on() {
    tasks_ = std::make_unique<base::TaskGroup>(loop.executor(), Log{});
    autoscalers_ = std::make_unique<Autoscalers>(AutoscalersOptions{}, client, clock,
                                                 loop.executor(), sources(), Log{}, registry);
    tasks_->spawn(autoscalers_->run());
    settle();
  }
  void power_off() {
    if (!tasks_) return;
    tasks_->stop();
    run(tasks_->join());
    autoscalers_.reset();
    tasks_.reset();
  }

  autoscaling::MetricSources sources() {
    return {
        .external =
            [this](const autoscaling::ExternalMetric& metric) -> Result<std::vector<hpa::Milli>> {
          ++reads;
          asked = metric;
          return lag;
        },
        .resources = [this](const std::string&, std::span<const std::string> pods)
            -> Result<std::vector<hpa::PodSample>> {
          std::vector<hpa::PodSample> out;
          for (const std::string& pod : pods) {
            if (!cpu.contains(pod)) continue;
            out.push_back({.pod = pod,
                           .at = clock.now(),
                           .window = 15s,
                           .containers = {{"main", {{"cpu", cpu.at(pod)}}}}});
          }
          return out;
        }};
  }

  // Runs until nothing is left to do now; a pause after a conflict is waited for.
  void settle() {
    while (loop.poll() > 0 || !autoscalers_->idle()) continue;
  }
  void advance(Duration d) {
    clock.advance(d);
    autoscalers_->look_at_clock();
    settle();
  }

  template <class T>
  Result<T> ask(Task<Result<T>> task) {
    return await(loop, std::move(task));
  }
  static Task<int> then_zero(Task<void> task) {
    co_await std::move(task);
    co_return 0;
  }
  void run(Task<void> task) { (void)await(loop, then_zero(std::move(task))); }

  void create(const kube::Resource& resource, json::Value object) {
    auto made = ask(client.create(resource, "default", std::move(object)));
    ASSERT_TRUE(made) << made.error().what;
    if (autoscalers_) settle();
  }
  void remove(const kube::Resource& resource, const std::string& name) {
    ASSERT_TRUE(ask(client.remove(resource, {"default", name})));
    settle();
  }
  void patch(const kube::Resource& resource, const std::string& name, std::string_view text,
             std::string_view part = {}) {
    auto done = ask(client.patch(resource, {"default", name}, parsed(text), part));
    ASSERT_TRUE(done) << done.error().what;
    if (autoscalers_) settle();
  }
  int replicas() { return ask(client.replicas(kube::deployments, web)).value_or(-1); }
  // As many pods as the Deployment asks for.
  void follow() {
    patch(kube::deployments, "web", R"({"status":{"replicas":)" + std::to_string(replicas()) + "}}",
          "status");
  }
  void create_pod(const std::string& name, std::string_view request = "") {
    json::Value pod = kube::testing::pod_sample(name);
    pod.get_object()["metadata"].get_object()["labels"] = json::Object{{"app", "web"}};
    if (!request.empty()) {
      auto& containers = pod.get_object()["spec"].get_object()["containers"].get_array();
      containers[0].get_object()["resources"] =
          json::Object{{"requests", json::Object{{"cpu", request}}}};
    }
    create(kube::pods, std::move(pod));
    patch(kube::pods, name, R"({"status":{"phase":"Running","startTime":"2020-01-01T00:00:00Z",
        "conditions":[{"type":"Ready","status":"True",
                       "lastTransitionTime":"2020-01-01T00:00:01Z"}]}})",
          "status");
  }

  json::Value read(const std::string& name = "web") {
    return ask(client.get(kube::horizontal_pod_autoscalers, {"default", name})).value();
  }
  hpa::Condition condition(const std::string& type, const std::string& name = "web") {
    const json::Value object = read(name);
    const json::Value* conditions = json::find(object, "status", "conditions");
    if (conditions == nullptr) return {};
    for (const auto& item : conditions->get_array()) {
      if (json::text_at(item, "type") != type) continue;
      return {.type = type,
              .status = json::text_at(item, "status") == "True" ? hpa::Condition::Status::yes
                                                                : hpa::Condition::Status::no,
              .reason = json::text_at(item, "reason").value_or(""),
              .message = json::text_at(item, "message").value_or("")};
    }
    return {};
  }
  // "AbleToScale=ReadyForNewScale", in the order of the status; with "!" where it is False.
  std::vector<std::string> conditions(const std::string& name = "web") {
    const json::Value object = read(name);
    std::vector<std::string> out;
    const json::Value* list = json::find(object, "status", "conditions");
    if (list == nullptr) return out;
    for (const auto& item : list->get_array()) {
      out.push_back((json::text_at(item, "status") == "True" ? "" : "!") +
                    *json::text_at(item, "type") + "=" + *json::text_at(item, "reason"));
    }
    return out;
  }
  // "Warning FailedGetScale x2", in the order of their first time.
  std::vector<std::string> events() {
    std::vector<std::string> out;
    std::multimap<std::uint64_t, std::string> by_version;
    for (const auto& item : ask(client.list(kube::events, "default")).value().items) {
      EXPECT_EQ(json::text_at(*json::find(item, "source"), "component"),
                "horizontal-pod-autoscaler");
      const auto count = *json::int_at(item, "count");
      by_version.emplace(std::stoull(kube::testing::meta_text(item, "resourceVersion")),
                         *json::text_at(item, "type") + " " + *json::text_at(item, "reason") +
                             (count > 1 ? " x" + std::to_string(count) : ""));
    }
    for (auto& [version, text] : by_version) out.push_back(std::move(text));
    return out;
  }
  void start(std::string_view spec = external_spec) {
    follow();
    power_on();
    create(kube::horizontal_pod_autoscalers, autoscaler("web", spec));
  }

  base::Loop loop;
  base::testing::FakeClock clock;
  base::metrics::Registry registry;
  std::unique_ptr<Api> api = Api::open(nullptr, clock, Log{}).value();
  Doorman doorman{*api};
  kube::Client client{doorman};
  Result<std::vector<hpa::Milli>> lag = std::vector<hpa::Milli>{40'000};
  std::map<std::string, hpa::Milli> cpu;  // milli of a core, by pod
  int reads = 0;
  autoscaling::ExternalMetric asked;

 private:
  std::unique_ptr<base::TaskGroup> tasks_;
  std::unique_ptr<Autoscalers> autoscalers_;
};

// --- when

TEST_F(AutoscalersTest, LooksAtANewAutoscalerAtOnceAndThenEverySyncPeriod) {
  start();
  EXPECT_EQ(reads, 1);
  advance(14s);
  EXPECT_EQ(reads, 1);
  advance(1s);
  EXPECT_EQ(reads, 2);
  advance(15s);
  EXPECT_EQ(reads, 3);
}

TEST_F(AutoscalersTest, LooksAtOnceWhenTheSpecificationChangesAndNotForAnythingElse) {
  start();
  advance(5s);
  patch(kube::horizontal_pod_autoscalers, "web", R"({"metadata":{"labels":{"team":"a"}}})");
  EXPECT_EQ(reads, 1);
  patch(kube::horizontal_pod_autoscalers, "web", R"({"spec":{"maxReplicas":20}})");
  EXPECT_EQ(reads, 2);
  advance(10s);  // the pass that was due anyway
  EXPECT_EQ(reads, 3);
}

TEST_F(AutoscalersTest, FailuresAreTriedAgainNeitherSoonerNorLater) {
  start();
  lag = fail(Code::unavailable, "no answer");
  for (int i = 0; i < 5; ++i) advance(15s);
  EXPECT_EQ(reads, 6);
}

TEST_F(AutoscalersTest, AsksForTheMetricAsTheSpecificationNamesIt) {
  start();
  EXPECT_EQ(asked.ns, "default");
  EXPECT_EQ(asked.name, "lag");
  ASSERT_TRUE(asked.selector);
  EXPECT_EQ(hpa::selector_text(*asked.selector), "queue=mail");
}

// --- what: the same as the algorithm alone

constexpr std::string_view behavior_spec = R"({
  "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
  "minReplicas": 2, "maxReplicas": 40,
  "metrics": [{"type": "External", "external": {
    "metric": {"name": "lag"}, "target": {"type": "AverageValue", "averageValue": "10"}}}],
  "behavior": {
    "scaleUp": {"stabilizationWindowSeconds": 30,
                "policies": [{"type": "Pods", "value": 5, "periodSeconds": 60}]},
    "scaleDown": {"stabilizationWindowSeconds": 45,
                  "policies": [{"type": "Percent", "value": 30, "periodSeconds": 30}]}}})";

std::uint64_t seed() {
  const char* text = std::getenv("TIDEWHEEL_SEED");
  return text ? std::strtoull(text, nullptr, 10) : 20'261'125;
}

class SameAsTheAlgorithm : public AutoscalersTest,
                           public ::testing::WithParamInterface<std::string_view> {};

TEST_P(SameAsTheAlgorithm, StepByStep) {
  SCOPED_TRACE("TIDEWHEEL_SEED=" + std::to_string(seed()));
  base::Random random(seed());
  const hpa::Spec spec = hpa::spec_from_json(parsed(GetParam())).value();
  hpa::State state;
  hpa::Replicas expected = 4;
  int moves = 0;
  start(GetParam());
  for (int step = 0; step < 200; ++step) {
    SCOPED_TRACE(step);
    hpa::Observations observed{.readings = {{.series = lag.value_or(std::vector<hpa::Milli>{})}}};
    if (!lag) observed.readings[0].error = lag.error().what;
    const hpa::PassInput input{.spec = spec,
                               .scale = hpa::Scale{.spec = expected, .status = expected},
                               .selector = {},
                               .observed = observed,
                               .config = {},
                               .gates = {},
                               .now = clock.now(),
                               .generation = 1};
    hpa::Pass pass = hpa::reconcile(input, std::move(state));
    if (pass.write) {
      ++moves;
      expected = *pass.write;
      pass = hpa::written(input, std::move(pass), std::nullopt);
    }
    state = std::move(pass.next);
    ASSERT_EQ(replicas(), expected);
    const json::Value object = read();
    const json::Value& status = *json::find(object, "status");
    ASSERT_EQ(json::int_at(status, "desiredReplicas"), state.status.desired);
    ASSERT_EQ(conditions().size(), state.status.conditions.size());
    for (const hpa::Condition& want : state.status.conditions) {
      ASSERT_EQ(condition(want.type).reason, want.reason);
      ASSERT_EQ(condition(want.type).status, want.status);
    }
    follow();
    // Calm and busy for longer than the longest window, so that counts fall, too.
    const double most = step / 25 % 2 == 0 ? 300'000 : 40'000;
    lag = std::vector<hpa::Milli>{static_cast<hpa::Milli>(random.unit() * most)};
    if (random.unit() < 0.1) lag = fail(Code::unavailable, "no answer");
    advance(15s);
  }
  EXPECT_GT(moves, 10);
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutBehavior, SameAsTheAlgorithm,
                         ::testing::Values(external_spec, behavior_spec));

// --- what it says

TEST_F(AutoscalersTest, SaysWhatItDid) {
  lag = std::vector<hpa::Milli>{75'000};
  start();
  EXPECT_EQ(replicas(), 8);
  EXPECT_THAT(conditions(),
              ElementsAre("AbleToScale=SucceededRescale", "ScalingActive=ValidMetricFound",
                          "!ScalingLimited=DesiredWithinRange", "!ScaledToZero=NotScaledToZero"));
  EXPECT_THAT(events(), ElementsAre("Normal SuccessfulRescale"));
  json::Value object = read();
  json::Value status = *json::find(object, "status");
  status.get_object().erase("conditions");
  json::Value want = parsed(R"({"observedGeneration":1,"currentReplicas":4,"desiredReplicas":8,
      "currentMetrics":[{"type":"External","external":{
        "metric":{"name":"lag","selector":{"matchLabels":{"queue":"mail"}}},
        "current":{"averageValue":"18750m"}}}]})");
  want.get_object()["lastScaleTime"] = boost::json::string(base::format_time(clock.now()));
  EXPECT_EQ(status, want);
}

TEST_F(AutoscalersTest, WritesAStatusOnlyWhenItDiffers) {
  start();
  advance(15s);
  const std::string version = kube::testing::meta_text(read(), "resourceVersion");
  advance(15s);
  EXPECT_EQ(reads, 3);
  EXPECT_EQ(kube::testing::meta_text(read(), "resourceVersion"), version);
}

TEST_F(AutoscalersTest, AMetricThatFailsIsSaidAndLowersNothing) {
  start();
  lag = fail(Code::unavailable, "trigger queue is stale");
  advance(15s);
  EXPECT_EQ(replicas(), 4);
  EXPECT_EQ(condition("ScalingActive").reason, "FailedGetExternalMetric");
  EXPECT_THAT(condition("ScalingActive").message, HasSubstr("trigger queue is stale"));
  advance(15s);
  EXPECT_THAT(events(), ElementsAre("Warning FailedGetExternalMetric x2",
                                    "Warning FailedComputeMetricsReplicas x2"));
  lag = std::vector<hpa::Milli>{40'000};
  advance(15s);
  EXPECT_EQ(condition("ScalingActive").reason, "ValidMetricFound");
}

TEST_F(AutoscalersTest, NoSeriesIsAFailureAndNotZero) {
  start();
  lag = std::vector<hpa::Milli>{};
  advance(15s);
  EXPECT_EQ(replicas(), 4);
  EXPECT_EQ(condition("ScalingActive").reason, "FailedGetExternalMetric");
}

TEST_F(AutoscalersTest, WhatCannotBeReadHereSaysSo) {
  struct Case {
    const char* name;
    const char* metric;
    const char* reason;
    const char* message;
  };
  const Case cases[] = {
      {"pods", R"({"type":"Pods","pods":{"metric":{"name":"qps"},
          "target":{"type":"AverageValue","averageValue":"1"}}})",
       "FailedGetPodsMetric", "no custom metrics API"},
      {"object", R"({"type":"Object","object":{"metric":{"name":"qps"},
          "describedObject":{"apiVersion":"v1","kind":"Service","name":"web"},
          "target":{"type":"Value","value":"1"}}})",
       "FailedGetObjectMetric", "no custom metrics API"},
      {"resource", R"({"type":"Resource","resource":{"name":"cpu",
          "target":{"type":"Utilization","averageUtilization":50}}})",
       "FailedGetResourceMetric", "no metrics known for pods"},
  };
  follow();
  power_on();
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    json::Value object = autoscaler(c.name, external_spec);
    object.get_object()["spec"].get_object()["metrics"] = json::Array{parsed(c.metric)};
    create(kube::horizontal_pod_autoscalers, std::move(object));
    EXPECT_EQ(condition("ScalingActive", c.name).reason, c.reason);
    EXPECT_THAT(condition("ScalingActive", c.name).message, HasSubstr(c.message));
  }
  EXPECT_EQ(replicas(), 4);
}

TEST_F(AutoscalersTest, ATargetThatCannotBeReadIsSaid) {
  struct Case {
    const char* name;
    const char* target;
    const char* message;
  };
  const Case cases[] = {
      {"missing", R"({"apiVersion":"apps/v1","kind":"Deployment","name":"nobody"})",
       "deployments.apps \"nobody\" not found"},
      {"kind", R"({"apiVersion":"apps/v1","kind":"StatefulSet","name":"web"})",
       "no matches for kind \"StatefulSet\" in group \"apps\""},
      {"without-scale", R"({"apiVersion":"keda.sh/v1alpha1","kind":"ScaledObject","name":"web"})",
       "could not find the requested resource"},
  };
  power_on();
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    json::Value object = autoscaler(c.name, external_spec);
    object.get_object()["spec"].get_object()["scaleTargetRef"] = parsed(c.target);
    create(kube::horizontal_pod_autoscalers, std::move(object));
    EXPECT_THAT(conditions(c.name), ElementsAre("!AbleToScale=FailedGetScale"));
    EXPECT_THAT(condition("AbleToScale", c.name).message, HasSubstr(c.message));
  }
  EXPECT_EQ(reads, 0);
}

TEST_F(AutoscalersTest, MetricsOfAnEarlierPassStandWhileTheTargetIsMissing) {
  start();
  const json::Value before = read();
  remove(kube::deployments, "web");
  advance(15s);
  EXPECT_EQ(condition("AbleToScale").reason, "FailedGetScale");
  const json::Value after = read();
  EXPECT_EQ(*json::find(after, "status", "currentMetrics"),
            *json::find(before, "status", "currentMetrics"));
}

// --- writing

TEST_F(AutoscalersTest, AConflictIsTriedAgainFiveTimesInAll) {
  lag = std::vector<hpa::Milli>{75'000};
  doorman.scale_answers.assign(4, {Code::conflict, "modified"});
  start();
  EXPECT_EQ(replicas(), 8);
  EXPECT_EQ(condition("AbleToScale").reason, "SucceededRescale");

  lag = std::vector<hpa::Milli>{140'000};
  doorman.scale_answers.assign(5, {Code::conflict, "modified"});
  follow();
  advance(15s);
  EXPECT_TRUE(doorman.scale_answers.empty());
  EXPECT_EQ(replicas(), 8);
  EXPECT_EQ(condition("AbleToScale").reason, "FailedUpdateScale");
  EXPECT_EQ(json::int_at(*json::find(read(), "status"), "desiredReplicas"), 8);
  EXPECT_THAT(events(), ElementsAre("Normal SuccessfulRescale", "Warning FailedRescale"));
  advance(15s);
  EXPECT_EQ(replicas(), 14);
}

TEST_F(AutoscalersTest, AnotherErrorOfAWriteIsNotTriedAgain) {
  lag = std::vector<hpa::Milli>{75'000};
  doorman.scale_answers = {{Code::denied, "forbidden"}, {Code::denied, "forbidden"}};
  start();
  EXPECT_EQ(doorman.scale_answers.size(), 1u);
  EXPECT_EQ(replicas(), 4);
  EXPECT_EQ(condition("AbleToScale").reason, "FailedUpdateScale");
}

TEST_F(AutoscalersTest, AStatusThatCannotBeWrittenIsSaid) {
  doorman.status_answer = Error{Code::denied, "forbidden"};
  start();
  EXPECT_THAT(conditions(), IsEmpty());
  EXPECT_THAT(events(), ElementsAre("Warning FailedUpdateStatus"));
}

// --- memory

TEST_F(AutoscalersTest, HoldsTheCountOfTheStartForAWindow) {
  lag = std::vector<hpa::Milli>{10'000};
  start();
  for (Duration passed{}; passed < 300s; passed += 15s) {
    EXPECT_EQ(replicas(), 4);
    EXPECT_EQ(condition("AbleToScale").reason, "ScaleDownStabilized");
    advance(15s);
  }
  advance(15s);
  EXPECT_EQ(replicas(), 1);
}

TEST_F(AutoscalersTest, ARestartForgetsAndSoHoldsForAnotherWindow) {
  lag = std::vector<hpa::Milli>{10'000};
  start();
  for (Duration passed{}; passed < 270s; passed += 15s) advance(15s);
  power_off();
  power_on();
  for (Duration passed{}; passed < 300s; passed += 15s) {
    EXPECT_EQ(replicas(), 4);
    advance(15s);
  }
  advance(15s);
  EXPECT_EQ(replicas(), 1);
}

TEST_F(AutoscalersTest, AnAutoscalerMadeAnewBeginsWithoutMemory) {
  lag = std::vector<hpa::Milli>{10'000};
  start();
  for (Duration passed{}; passed < 270s; passed += 15s) advance(15s);
  remove(kube::horizontal_pod_autoscalers, "web");
  const int before = reads;
  advance(60s);
  EXPECT_EQ(reads, before);
  create(kube::horizontal_pod_autoscalers, autoscaler("web", external_spec));
  for (Duration passed{}; passed < 300s; passed += 15s) {
    EXPECT_EQ(replicas(), 4);
    advance(15s);
  }
  advance(15s);
  EXPECT_EQ(replicas(), 1);
}

TEST_F(AutoscalersTest, TwoOnOneSelectorStopEachOther) {
  start();
  create_pod("web-1");
  lag = std::vector<hpa::Milli>{75'000};
  create(kube::horizontal_pod_autoscalers, autoscaler("second", external_spec));
  EXPECT_EQ(condition("ScalingActive", "second").reason, "AmbiguousSelector");
  EXPECT_THAT(condition("ScalingActive", "second").message,
              HasSubstr("default/second, default/web"));
  advance(15s);
  EXPECT_EQ(condition("ScalingActive").reason, "AmbiguousSelector");
  EXPECT_EQ(replicas(), 4);
  remove(kube::horizontal_pod_autoscalers, "second");
  advance(15s);
  EXPECT_EQ(condition("ScalingActive").reason, "ValidMetricFound");
  EXPECT_EQ(replicas(), 8);
}

// --- resources of pods

TEST_F(AutoscalersTest, UtilizationComesFromUsageAndRequests) {
  for (const char* pod : {"web-1", "web-2", "web-3", "web-4"}) {
    create_pod(pod, "100m");
    cpu[pod] = 90;
  }
  start(R"({"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
      "maxReplicas": 10, "metrics": [{"type": "Resource", "resource": {"name": "cpu",
        "target": {"type": "Utilization", "averageUtilization": 60}}}]})");
  EXPECT_EQ(replicas(), 6);  // 90 % of 60 %, on four pods
  const json::Value object = read();
  EXPECT_EQ(json::find(object, "status", "currentMetrics")->get_array().at(0),
            parsed(R"({"type":"Resource","resource":{"name":"cpu",
                "current":{"averageUtilization":90,"averageValue":"90m"}}})"));
}

TEST_F(AutoscalersTest, CountsItsPasses) {
  lag = std::vector<hpa::Milli>{75'000};
  start();
  advance(15s);
  EXPECT_THAT(registry.render(),
              HasSubstr("horizontal_pod_autoscaler_controller_reconciliations_total{action="
                        "\"scale_up\",error=\"none\"} 1"));
  EXPECT_THAT(registry.render(),
              HasSubstr("horizontal_pod_autoscaler_controller_num_horizontal_pod_autoscalers 1"));
}

}  // namespace
}  // namespace cluster
