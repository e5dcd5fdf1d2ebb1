// Engine hpa in one thread and without sockets: points into the store, an HPA made by the operator,
// evaluated by the embedded cluster, which asks the operator for the metric.

#include <gtest/gtest.h>

#include <memory>

#include "cli/testing/pipeline.h"
#include "cluster/autoscalers.h"
#include "kube/meta.h"

namespace cli {
namespace {

using namespace std::chrono_literals;

const kube::Key web{"default", "web"};
const kube::Key so{"default", "so"};
const kube::Key hpa{"default", "keda-hpa-so"};

constexpr std::string_view deployment = R"({"apiVersion":"apps/v1","kind":"Deployment",
    "metadata":{"name":"web","namespace":"default"},"spec":{"replicas":1,
      "selector":{"matchLabels":{"app":"w"}},"template":{"metadata":{"labels":{"app":"w"}},
      "spec":{"containers":[{"name":"c","image":"i","command":["true"]}]}}}})";

// Scales down as fast as it is told, so that no window hides what a test is about.
constexpr std::string_view scaled_object = R"({"apiVersion":"keda.sh/v1alpha1",
    "kind":"ScaledObject","metadata":{"name":"so","namespace":"default",
      "annotations":{"tidewheel.dev/engine":"hpa"}},
    "spec":{"scaleTargetRef":{"name":"web"},"cooldownPeriod":60,"maxReplicaCount":20,
      "advanced":{"horizontalPodAutoscalerConfig":{"behavior":{"scaleDown":{
        "stabilizationWindowSeconds":0}}}},
      "triggers":[{"type":"kedify-otel","name":"queue",
        "metadata":{"metricQuery":"depth","targetValue":"10",
                    "activationTargetValue":"5"}}]}})";

class HpaEngine : public testing::Pipeline {
 protected:
  HpaEngine() : Pipeline(20s) { evaluate_hpas(); }
  ~HpaEngine() override { end(); }  // while what its tasks use is there

  void evaluate_hpas() {
    const auto external = [this](const cluster::autoscaling::ExternalMetric& metric)
        -> Result<std::vector<scale::hpa::Milli>> {
      TRY(const auto value, op->external_metric(metric.ns, metric.name, metric.selector));
      return std::vector{value};
    };
    autoscalers = std::make_unique<cluster::Autoscalers>(
        cluster::AutoscalersOptions{}, client, clock, control_loop.executor(),
        cluster::autoscaling::MetricSources{.external = external, .resources = {}}, Log{},
        registry);
    tasks->spawn(autoscalers->run());
    settle();
  }

  void create(const kube::Resource& resource, std::string_view text) {
    Pipeline::create(resource, json::parse(text).value());
  }
  void change(std::string_view patch) {
    const auto done = wait(client.patch(kube::scaled_objects, so, json::parse(patch).value()));
    ASSERT_TRUE(done) << done.error().what;
  }
  // The pods follow; then one tick of the HPA controller.
  void tick() {
    const std::string status = R"({"status":{"replicas":)" + std::to_string(replicas()) +
                               R"(,"readyReplicas":)" + std::to_string(replicas()) + "}}";
    EXPECT_TRUE(wait(client.patch(kube::deployments, web, json::parse(status).value(), "status")));
    advance(15s);
    autoscalers->look_at_clock();
    settle();
  }
  // Until the windows have seen all there is, so that values may lower too.
  void warm_up(double value) {
    for (int i = 0; i < 3; ++i) {
      push(value);
      tick();
    }
  }

  bool has_hpa() { return wait(client.get(kube::horizontal_pod_autoscalers, hpa)).has_value(); }
  json::Value read(const kube::Resource& resource, const kube::Key& key) {
    return wait(client.get(resource, key)).value_or(json::Value());
  }
  std::string condition(const kube::Resource& resource, const kube::Key& key,
                        std::string_view type) {
    const json::Value object = read(resource, key);
    const json::Value* list = json::find(object, "status", "conditions");
    if (list == nullptr) return "no status";
    for (const auto& item : list->get_array()) {
      if (json::text_at(item, "type") != type) continue;
      return *json::text_at(item, "status") + "/" + json::text_at(item, "reason").value_or("");
    }
    return "none";
  }

  std::unique_ptr<cluster::Autoscalers> autoscalers;
};

TEST_F(HpaEngine, MakesAnHpaAndSaysSo) {
  create(kube::deployments, deployment);
  create(kube::scaled_objects, scaled_object);
  ASSERT_TRUE(has_hpa());
  const json::Value object = read(kube::scaled_objects, so);
  const json::Value* status = json::find(object, "status");
  ASSERT_NE(status, nullptr);
  EXPECT_EQ(json::text_at(*status, "hpaName"), "keda-hpa-so");
  EXPECT_EQ(*json::find(*status, "externalMetricNames"), json::Value(json::Array{"s0-default-so"}));
}

TEST_F(HpaEngine, TheHpaScalesBetweenOneAndTheMaximumOnItsTick) {
  create(kube::deployments, deployment);
  create(kube::scaled_objects, scaled_object);
  warm_up(35);
  EXPECT_EQ(replicas(), 4);
  push(80);
  EXPECT_EQ(replicas(), 4);  // not before the tick
  tick();
  EXPECT_EQ(replicas(), 8);
  push(20);
  tick();
  EXPECT_EQ(replicas(), 2);
  EXPECT_EQ(condition(kube::horizontal_pod_autoscalers, hpa, "ScalingActive"),
            "True/ValidMetricFound");
  EXPECT_EQ(condition(kube::scaled_objects, so, "HPAActive"), "True/HPAActive");
}

TEST_F(HpaEngine, TheOperatorScalesToZeroAndFromZero) {
  create(kube::deployments, deployment);
  create(kube::scaled_objects, scaled_object);
  warm_up(35);
  for (int i = 0; i < 5; ++i) {
    push(i);  // not above activation; each change is looked at
    tick();
  }
  EXPECT_EQ(replicas(), 0);
  tick();
  EXPECT_EQ(condition(kube::horizontal_pod_autoscalers, hpa, "ScalingActive"),
            "False/ScalingDisabled");
  EXPECT_EQ(condition(kube::scaled_objects, so, "HPAActive"), "True/ScalingDisabled");
  push(35);
  EXPECT_EQ(replicas(), 1);  // at once, and by KEDA's step alone
  tick();
  EXPECT_EQ(replicas(), 4);
}

TEST_F(HpaEngine, SilenceLowersNothing) {
  create(kube::deployments, deployment);
  create(kube::scaled_objects, scaled_object);
  warm_up(80);
  ASSERT_EQ(replicas(), 8);
  for (int i = 0; i < 20; ++i) tick();
  EXPECT_EQ(replicas(), 8);
  EXPECT_EQ(condition(kube::horizontal_pod_autoscalers, hpa, "ScalingActive"),
            "False/FailedGetExternalMetric");
  EXPECT_EQ(condition(kube::scaled_objects, so, "HPAActive"), "False/FailedGetExternalMetric");
}

TEST_F(HpaEngine, APolicyAnswersInsteadOfTheMissingValue) {
  create(kube::deployments, deployment);
  create(kube::scaled_objects, scaled_object);
  change(R"({"metadata":{"annotations":{"tidewheel.dev/on-stale":"value: 30"}}})");
  warm_up(80);
  ASSERT_EQ(replicas(), 8);
  for (int i = 0; i < 3; ++i) tick();
  EXPECT_EQ(replicas(), 3);
}

TEST_F(HpaEngine, AFullPauseRemovesTheHpaAndItsEndMakesItAgain) {
  create(kube::deployments, deployment);
  create(kube::scaled_objects, scaled_object);
  change(R"({"metadata":{"annotations":{"autoscaling.keda.sh/paused-replicas":"3"}}})");
  EXPECT_FALSE(has_hpa());
  EXPECT_EQ(replicas(), 3);
  const json::Value object = read(kube::scaled_objects, so);
  EXPECT_EQ(json::find(object, "status", "hpaName"), nullptr);
  change(R"({"metadata":{"annotations":{"autoscaling.keda.sh/paused-replicas":null}}})");
  EXPECT_TRUE(has_hpa());
}

TEST_F(HpaEngine, AnotherEngineRemovesTheHpaAlsoAfterARestart) {
  create(kube::deployments, deployment);
  create(kube::scaled_objects, scaled_object);
  ASSERT_TRUE(has_hpa());
  end();
  EXPECT_TRUE(wait(client.patch(
      kube::scaled_objects, so,
      json::parse(R"({"metadata":{"annotations":{"tidewheel.dev/engine":"direct"}}})").value())));
  begin();
  evaluate_hpas();
  EXPECT_FALSE(has_hpa());
}

TEST_F(HpaEngine, TheHpaGoesWithItsScaledObject) {
  create(kube::deployments, deployment);
  create(kube::scaled_objects, scaled_object);
  EXPECT_TRUE(wait(client.remove(kube::scaled_objects, so)));
  EXPECT_FALSE(has_hpa());
}

TEST_F(HpaEngine, WhatSomebodyChangesOrRemovesComesBack) {
  create(kube::deployments, deployment);
  create(kube::scaled_objects, scaled_object);
  EXPECT_TRUE(wait(client.patch(kube::horizontal_pod_autoscalers, hpa,
                                json::parse(R"({"spec":{"maxReplicas":5}})").value())));
  EXPECT_EQ(
      json::int_at(*json::find(read(kube::horizontal_pod_autoscalers, hpa), "spec"), "maxReplicas"),
      20);
  EXPECT_TRUE(wait(client.remove(kube::horizontal_pod_autoscalers, hpa)));
  EXPECT_TRUE(has_hpa());
}

TEST_F(HpaEngine, AnotherNameMovesTheHpa) {
  create(kube::deployments, deployment);
  create(kube::scaled_objects, scaled_object);
  change(R"({"spec":{"advanced":{"horizontalPodAutoscalerConfig":{"name":"mine"}}}})");
  EXPECT_FALSE(has_hpa());
  EXPECT_FALSE(read(kube::horizontal_pod_autoscalers, {"default", "mine"}).is_null());
}

TEST_F(HpaEngine, LabelsAreFollowedAndGoAgain) {
  create(kube::deployments, deployment);
  create(kube::scaled_objects, scaled_object);
  const auto team = [this] {
    return json::text_at(
        *json::find(read(kube::horizontal_pod_autoscalers, hpa), "metadata", "labels"), "team");
  };
  change(R"({"metadata":{"labels":{"team":"a"}}})");
  EXPECT_EQ(team(), "a");
  change(R"({"metadata":{"labels":{"team":null}}})");
  EXPECT_EQ(team(), std::nullopt);
}

TEST_F(HpaEngine, AnHpaOfSomebodyElseIsLeftAloneUnlessTransferred) {
  create(kube::deployments, deployment);
  create(kube::horizontal_pod_autoscalers,
         R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler",
             "metadata":{"name":"keda-hpa-so","namespace":"default"},"spec":{"maxReplicas":3,
             "scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}}})");
  create(kube::scaled_objects, scaled_object);
  const auto max = [this] {
    return json::int_at(*json::find(read(kube::horizontal_pod_autoscalers, hpa), "spec"),
                        "maxReplicas");
  };
  EXPECT_EQ(max(), 3);
  EXPECT_EQ(condition(kube::scaled_objects, so, "Ready"), "False/ScaledObjectCheckFailed");
  change(R"({"metadata":{"annotations":{"scaledobject.keda.sh/transfer-hpa-ownership":"true"}}})");
  EXPECT_EQ(max(), 20);
}

TEST_F(HpaEngine, MetricsAreAnsweredOnlyForWhoAsksAsAnHpaDoes) {
  create(kube::deployments, deployment);
  create(kube::scaled_objects, scaled_object);
  warm_up(35);
  const auto of = [](std::string name) {
    return scale::hpa::Selector{.labels = {{"scaledobject.keda.sh/name", std::move(name)}}};
  };
  EXPECT_EQ(op->external_metric("default", "s0-default-so", of("so")), 35'000);
  EXPECT_EQ(op->external_metric("default", "s0-default-so", std::nullopt).error().code,
            Code::invalid);
  EXPECT_EQ(op->external_metric("other", "s0-default-so", of("so")).error().code, Code::not_found);
  EXPECT_EQ(op->external_metric("default", "s0-default-so", of("x")).error().code, Code::not_found);
  EXPECT_EQ(op->external_metric("default", "s1-default-so", of("so")).error().code,
            Code::not_found);
}

}  // namespace
}  // namespace cli
