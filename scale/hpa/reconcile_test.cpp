// Passes step by step: what the vectors do not look at, such as messages, times and metrics.

#include "scale/hpa/reconcile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scale/hpa/spec_json.h"
#include "scale/hpa/status_json.h"

namespace scale::hpa {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using enum Condition::Status;

constexpr Timestamp start{1'000'000'000'000'000'000};

// An HPA over one External metric with an average of 1 per replica, and its memory.
struct Scene {
  Spec spec = read(R"({"minReplicas": 1, "maxReplicas": 10, "metrics": [{"type": "External",
      "external": {"metric": {"name": "lag"}, "target": {"type": "AverageValue",
      "averageValue": "1"}}}]})");
  std::expected<Scale, ScaleError> scale = Scale{3, 3};
  PodSelector selector;
  Observations observed{.pods = {}, .samples = {}, .readings = {{.series = {3000}}}};
  Config config;
  Gates gates;
  State state;
  Timestamp now = start;
  std::optional<std::int64_t> generation;

  static Spec read(std::string_view text) { return *spec_from_json(*json::parse(text)); }

  PassInput input() const {
    return {spec, scale, selector, observed, config, gates, now, generation};
  }
  Pass pass() const { return reconcile(input(), state); }
  // One pass whose write succeeds; its outcome becomes the stored state.
  Pass step() {
    Pass done = pass();
    if (done.write) {
      done = written(input(), std::move(done), std::nullopt);
      scale = Scale{*done.write, *done.write};
    }
    state = done.next;
    return done;
  }
};

const Condition& condition_of(const Pass& pass, std::string_view type) {
  static const Condition none;
  const Condition* found = find(pass.next.status.conditions, type);
  return found ? *found : none;
}

TEST(Pass, ScalingUpTellsItsStory) {
  Scene scene;
  scene.generation = 7;
  scene.observed.readings[0].series = {4000, 500};
  const Pass pass = scene.step();
  EXPECT_EQ(pass.write, 5);
  EXPECT_EQ(pass.error, ErrorKind::none);
  EXPECT_THAT(pass.events,
              ElementsAre(Event{Event::Type::normal, "SuccessfulRescale",
                                "New size: 5; reason: external metric lag(nil) above target"}));
  const Status& status = pass.next.status;
  EXPECT_EQ(status.current, 3);
  EXPECT_EQ(status.desired, 5);
  EXPECT_EQ(status.last_scale_time, start);
  EXPECT_EQ(status.observed_generation, 7);
  EXPECT_EQ(status.metrics[0], (MetricStatus{.type = MetricType::external, .average_value = 1500}));
  EXPECT_EQ(condition_of(pass, "AbleToScale").message,
            "the HPA controller was able to update the target scale to 5");
  EXPECT_EQ(condition_of(pass, "ScalingActive").message,
            "the HPA was able to successfully calculate a replica count from external metric "
            "lag(nil)");
  EXPECT_EQ(condition_of(pass, "ScalingLimited").reason, "DesiredWithinRange");
}

TEST(Pass, ASteadyOneChangesNothing) {
  Scene scene;
  scene.step();
  const State before = scene.state;
  scene.now = start + seconds(15);
  const Pass pass = scene.step();
  EXPECT_FALSE(pass.write);
  EXPECT_THAT(pass.events, IsEmpty());
  EXPECT_EQ(pass.next.status, before.status);
}

TEST(Pass, ATransitionTimeMovesOnlyWithTheStatus) {
  Scene scene;
  scene.step();
  scene.now = start + seconds(15);
  scene.observed.readings[0].error = "connection refused";
  const Pass failed = scene.step();
  EXPECT_EQ(condition_of(failed, "AbleToScale").since, start);
  EXPECT_EQ(condition_of(failed, "ScalingActive").since, scene.now);
  EXPECT_EQ(condition_of(failed, "ScalingActive").message,
            "the HPA was unable to compute the replica count: connection refused");
}

TEST(Pass, AFailedMetricLeavesAnEmptyEntryAndTheDesiredCount) {
  Scene scene;
  scene.state.status.desired = 8;
  scene.observed.readings[0].error = "connection refused";
  const Pass pass = scene.pass();
  EXPECT_EQ(pass.error, ErrorKind::internal);
  EXPECT_EQ(pass.next.status.desired, 8);
  EXPECT_THAT(pass.next.status.metrics, ElementsAre(MetricStatus{}));
  EXPECT_EQ(pass.events.size(), 2u);
  EXPECT_EQ(pass.events[0].reason, "FailedGetExternalMetric");
  EXPECT_EQ(pass.events[1].message,
            "invalid metrics (1 invalid out of 1), first error is: connection refused");
}

TEST(Pass, AReadingThatIsNotThereIsAFailure) {
  Scene scene;
  scene.observed.readings.clear();
  EXPECT_EQ(scene.pass().error, ErrorKind::internal);
  scene.spec.metrics.clear();
  const Pass none = scene.pass();
  EXPECT_EQ(none.error, ErrorKind::internal);
  EXPECT_EQ(none.events.size(), 1u);
}

TEST(Pass, WithoutAScaleOnlyAbleToScaleChanges) {
  Scene scene;
  scene.step();
  const State before = scene.state;
  scene.scale = std::unexpected(ScaleError{ErrorKind::spec, "no kind Deploymint"});
  const Pass pass = scene.pass();
  EXPECT_EQ(pass.error, ErrorKind::spec);
  EXPECT_EQ(condition_of(pass, "AbleToScale").status, no);
  EXPECT_EQ(pass.next.status.metrics, before.status.metrics);
  EXPECT_EQ(pass.next.history, before.history);
}

TEST(Pass, AnAmbiguousSelectorNamesItself) {
  Scene scene;
  scene.selector = {PodSelector::State::ambiguous, "default/a, default/b"};
  const Pass pass = scene.pass();
  EXPECT_EQ(pass.events[0].reason, "AmbiguousSelector");
  EXPECT_THAT(pass.events[0].message, ::testing::HasSubstr("default/a, default/b"));
  EXPECT_EQ(condition_of(pass, "ScalingActive").reason, "AmbiguousSelector");
  EXPECT_THAT(pass.next.status.metrics, IsEmpty());
}

TEST(Pass, AWriteThatFailsKeepsTheRecommendation) {
  Scene scene;
  scene.spec.behavior = Behavior{default_up(), default_down()};
  scene.observed.readings[0].series = {5000};
  const Pass failed = written(scene.input(), scene.pass(), "the object has been modified");
  EXPECT_EQ(failed.error, ErrorKind::internal);
  EXPECT_EQ(failed.events.back().message,
            "New size: 5; reason: external metric lag(nil) above target; error: the object has "
            "been modified");
  EXPECT_EQ(failed.next.history.recommendations->back().replicas, 5);
  EXPECT_THAT(failed.next.history.events.up, IsEmpty());
  EXPECT_FALSE(failed.next.status.last_scale_time);
}

TEST(Pass, ConflictsAreTriedFiveTimes) {
  EXPECT_TRUE(tries_again(WriteAnswer::conflict, 1));
  EXPECT_TRUE(tries_again(WriteAnswer::conflict, 4));
  EXPECT_FALSE(tries_again(WriteAnswer::conflict, 5));
  EXPECT_FALSE(tries_again(WriteAnswer::failed, 1));
  EXPECT_FALSE(tries_again(WriteAnswer::done, 1));
}

TEST(Pass, WritesOfTheShortcutAreEventsToo) {
  Scene scene;
  scene.spec.behavior = Behavior{default_up(), default_down()};
  scene.scale = Scale{50, 50};
  const Pass pass = scene.step();
  EXPECT_EQ(pass.reason, "Current number of replicas above Spec.MaxReplicas");
  EXPECT_THAT(pass.next.history.events.down, ElementsAre(ScaleEvent{start, 40, false}));
  EXPECT_EQ(find(pass.next.status.conditions, "ScalingActive"), nullptr);
}

struct ZeroCase {
  const char* name;
  Replicas min;
  bool external;  // else a Resource metric alone
  bool own_zero;  // ScaledToZero is True
  Gates gates;
  Route want;
};

const Gates gate_off{.scale_to_zero = false};
const Gates classic{.zero_mode = ZeroMode::classic};

const ZeroCase zero_cases[] = {
    {"by hand", 0, true, false, {}, Route::paused},
    {"by hand, minimum one", 1, true, false, {}, Route::paused},
    {"by the controller", 0, true, true, {}, Route::by_metrics},
    {"by the controller, minimum raised", 1, true, true, {}, Route::by_metrics},
    {"minimum raised, nothing left to wake", 1, false, true, {}, Route::by_metrics},
    {"nothing to wake", 0, false, true, {}, Route::paused},
    {"gate off", 0, true, true, gate_off, Route::paused},
    {"gate off, minimum raised", 1, true, true, gate_off, Route::paused},
    {"classic", 0, true, false, classic, Route::by_metrics},
    {"classic, minimum one", 1, true, true, classic, Route::paused},
};

TEST(Zero, WhoMayWake) {
  for (const auto& c : zero_cases) {
    SCOPED_TRACE(c.name);
    Scene scene;
    scene.spec.min = c.min;
    if (!c.external) scene.spec.metrics[0].type = MetricType::resource;
    const Conditions stored = {{.type = "ScaledToZero", .status = c.own_zero ? yes : no}};
    EXPECT_EQ(route(scene.spec, {0, 0}, stored, c.gates), c.want);
  }
}

TEST(Zero, ThereAndBackAgain) {
  Scene scene;
  scene.spec.min = 0;
  scene.observed.readings[0].series = {0};
  scene.state.history.recommendations.emplace();
  EXPECT_EQ(scene.step().write, 0);
  EXPECT_EQ(condition_of({.next = scene.state}, "ScaledToZero").status, yes);
  scene.observed.readings[0].series = {2000};
  EXPECT_EQ(scene.step().write, 2);
  EXPECT_EQ(condition_of({.next = scene.state}, "ScaledToZero").reason, "NotScaledToZero");
}

TEST(Zero, ARaisedMinimumIsNotReachedWhileMetricsFail) {
  Scene scene;
  scene.spec.min = 2;
  scene.scale = Scale{0, 0};
  scene.state.status.conditions = {{.type = "ScaledToZero", .status = yes}};
  scene.observed.readings[0].error = "down";
  EXPECT_FALSE(scene.pass().write);
  scene.observed.readings[0] = {.series = {0}};
  EXPECT_EQ(scene.pass().write, 2);
}

TEST(Zero, AClassicControllerKnowsNoCondition) {
  Scene scene;
  scene.gates = classic;
  scene.observed.readings[0].series = {5000};
  const Pass pass = scene.step();
  EXPECT_EQ(pass.write, 5);
  EXPECT_EQ(find(pass.next.status.conditions, "ScaledToZero"), nullptr);
}

TEST(StatusJson, ReadsBack) {
  Scene scene;
  scene.spec = Scene::read(R"({"maxReplicas": 9, "metrics": [
      {"type": "Resource", "resource": {"name": "memory", "target": {"type": "AverageValue",
       "averageValue": "1Gi"}}},
      {"type": "Object", "object": {"describedObject": {"apiVersion": "v1", "kind": "Service",
       "name": "s"}, "metric": {"name": "m", "selector": {"matchLabels": {"a": "b"}}}, "target":
       {"type": "Value", "value": "2"}}}, {"type": "Bogus"}]})");
  scene.state.status = {.observed_generation = 4,
                        .last_scale_time = start,
                        .current = 2,
                        .desired = 3,
                        .metrics = {{.type = MetricType::resource, .average_value = 1024000000},
                                    {.type = MetricType::object, .value = 1500},
                                    {}},
                        .conditions = {{"AbleToScale", yes, "r", "m", start}}};
  const json::Value out = to_json(scene.state.status, scene.spec);
  EXPECT_EQ(
      json::print(out),
      R"({"observedGeneration":4,"lastScaleTime":"2001-09-09T01:46:40Z","currentReplicas":2,)"
      R"("desiredReplicas":3,"currentMetrics":[{"type":"Resource","resource":{"current":)"
      R"({"averageValue":"1000Ki"},"name":"memory"}},{"type":"Object","object":{"current":)"
      R"({"value":"1500m"},"describedObject":{"apiVersion":"v1","kind":"Service","name":"s"},)"
      R"("metric":{"name":"m","selector":{"matchLabels":{"a":"b"}}}}},{"type":""}],)"
      R"("conditions":[{"type":"AbleToScale","status":"True","lastTransitionTime":)"
      R"("2001-09-09T01:46:40Z","reason":"r","message":"m"}]})");
  const auto read = status_from_json(out);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, scene.state.status);
  EXPECT_EQ(*status_from_json(json::Value()), Status{});
  EXPECT_EQ(status_from_json(*json::parse(R"({"conditions": [{"status": "yes"}]})")).error().what,
            "status.conditions[0].status: must be True, False or Unknown");
}

}  // namespace
}  // namespace scale::hpa
