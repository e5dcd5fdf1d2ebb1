// Passes over random specifications, scales, readings and histories, with numbers from the ends of
// their types. HPA_SEED repeats a run.

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "scale/hpa/reconcile.h"

namespace scale::hpa {
namespace {

using std::chrono::seconds;

constexpr int passes = 8000;
constexpr Timestamp now{1'000'000'000'000'000'000};

std::uint64_t seed() {
  const char* text = std::getenv("HPA_SEED");
  return text ? std::strtoull(text, nullptr, 10) : std::random_device{}();
}

// Small numbers mostly, ends of the types sometimes.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  int below(int count) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(count)); }
  bool one_in(int count) { return below(count) == 0; }

  std::int64_t amount() {
    constexpr std::int64_t ends[] = {0, 1, -1, milli_max, milli_min, milli_max / 2, -1000};
    return one_in(8) ? ends[below(7)] : below(50'000);
  }
  std::int32_t count() {
    constexpr std::int32_t ends[] = {0, 1, -1, replicas_max, replicas_min, replicas_max / 2};
    return one_in(10) ? ends[below(6)] : below(30);
  }
  double tolerance() {
    constexpr double ends[] = {0, 1, 1e300, -1, 0.5};
    return one_in(4) ? ends[below(5)] : 0.1;
  }
  Timestamp moment() {
    if (one_in(20)) return {one_in(2) ? milli_max : milli_min};
    return now - seconds(below(700)) + seconds(one_in(10) ? 1000 : 0);
  }
  Duration span() { return seconds(one_in(20) ? replicas_max : below(600)); }

 private:
  std::mt19937_64 engine_;
};

Rules random_rules(Dice& dice) {
  Rules rules{.select = static_cast<SelectPolicy>(dice.below(3))};
  if (!dice.one_in(3)) rules.window = dice.span();
  if (dice.one_in(3)) rules.tolerance = dice.tolerance();
  for (int i = dice.below(3); i > 0; --i) {
    rules.policies.push_back({static_cast<PolicyType>(dice.below(2)), dice.count(), dice.span()});
  }
  return rules;
}

Metric random_metric(Dice& dice) {
  Metric metric{.type = static_cast<MetricType>(dice.below(6)),
                .name = dice.one_in(2) ? "cpu" : "m"};
  if (dice.one_in(2)) metric.container = "c";
  metric.target.type = static_cast<TargetType>(dice.below(4));
  if (dice.one_in(2)) metric.target.value = dice.amount();
  if (dice.one_in(2)) metric.target.average_value = dice.amount();
  if (dice.one_in(2)) metric.target.average_utilization = dice.count();
  return metric;
}

Spec random_spec(Dice& dice) {
  Spec spec{.min = {}, .max = 1 + dice.below(40)};
  if (dice.one_in(20)) spec.max = replicas_max;
  if (!dice.one_in(4)) spec.min = std::min(spec.max, dice.below(10));
  for (int i = dice.below(4); i > 0; --i) spec.metrics.push_back(random_metric(dice));
  if (dice.one_in(2)) spec.behavior = Behavior{random_rules(dice), random_rules(dice)};
  return spec;
}

Amounts random_amounts(Dice& dice) {
  Amounts out;
  if (!dice.one_in(6)) out.push_back({"cpu", dice.amount()});
  return out;
}

Pod random_pod(Dice& dice, int index) {
  Pod pod{.name = "p" + std::to_string(index), .phase = static_cast<Phase>(dice.below(5))};
  if (!dice.one_in(3)) pod.phase = Phase::running;
  pod.deleted = dice.one_in(8);
  if (!dice.one_in(6)) {
    pod.ready = Readiness{static_cast<Readiness::Status>(dice.below(3)), dice.moment()};
  }
  if (!dice.one_in(6)) pod.started = dice.moment();
  pod.containers.push_back({"c", random_amounts(dice), false});
  if (dice.one_in(4)) pod.init_containers.push_back({"i", random_amounts(dice), dice.one_in(2)});
  if (dice.one_in(4)) pod.requests = random_amounts(dice);
  return pod;
}

Observations random_observations(Dice& dice, const Spec& spec) {
  Observations out;
  for (int i = dice.below(6); i > 0; --i) out.pods.push_back(random_pod(dice, i));
  for (int i = dice.below(7); i > 0; --i) {
    out.samples.push_back({.pod = "p" + std::to_string(i),
                           .at = dice.moment(),
                           .window = dice.span(),
                           .containers = {{"c", random_amounts(dice)}}});
  }
  for (std::size_t i = 0; i < spec.metrics.size(); ++i) {
    Reading reading{.value = dice.amount()};
    if (dice.one_in(6)) reading.error = "down";
    for (int n = dice.below(4); n > 0; --n) reading.series.push_back(dice.amount());
    for (int n = dice.below(4); n > 0; --n) {
      reading.pod_values.push_back({"p" + std::to_string(n), dice.amount()});
    }
    out.readings.push_back(std::move(reading));
  }
  return out;
}

State random_state(Dice& dice) {
  State state;
  if (!dice.one_in(5)) {
    state.history.recommendations.emplace();
    for (int i = dice.below(5); i > 0; --i) {
      state.history.recommendations->push_back({dice.moment(), dice.count()});
    }
  }
  for (int i = dice.below(4); i > 0; --i) {
    auto& list = dice.one_in(2) ? state.history.events.up : state.history.events.down;
    list.push_back({dice.moment(), dice.count(), dice.one_in(4)});
  }
  if (dice.one_in(2)) {
    state.status.conditions.push_back({.type = std::string(condition::scaled_to_zero),
                                       .status = static_cast<Condition::Status>(dice.below(3)),
                                       .reason = "r",
                                       .message = {},
                                       .since = now});
  }
  return state;
}

Gates random_gates(Dice& dice) {
  return {.zero_mode = dice.one_in(2) ? ZeroMode::classic : ZeroMode::condition,
          .scale_to_zero = dice.one_in(2),
          .configurable_tolerance = dice.one_in(2),
          .pod_level_resources = dice.one_in(2)};
}

// Everything that one pass is made of.
struct Scene {
  Spec spec;
  Scale scale;
  Observations observed;
  State state;
  Config config;
  Gates gates;

  PassInput input() const {
    return {.spec = spec,
            .scale = scale,
            .selector = {},
            .observed = observed,
            .config = config,
            .gates = gates,
            .now = now,
            .generation = {}};
  }
};

Scene random_scene(Dice& dice) {
  Scene scene{.spec = random_spec(dice), .scale = {dice.count(), dice.count()}};
  scene.observed = random_observations(dice, scene.spec);
  scene.state = random_state(dice);
  scene.config.tolerance = dice.tolerance();
  scene.gates = random_gates(dice);
  return scene;
}

void check_write(const Scene& scene, const Pass& pass) {
  const Replicas min = min_replicas(scene.spec);
  const Replicas to = *pass.write;
  const Replicas from = scene.scale.spec;
  EXPECT_NE(to, from);
  EXPECT_LE(to, scene.spec.max);
  // Growth from zero may end below min while it is limited and the minimum was not lifted to.
  if (from != 0) EXPECT_GE(to, min);
  EXPECT_GE(to, 0);
}

TEST(PassProperty, WhatIsWrittenLiesWithinTheBounds) {
  const std::uint64_t used = seed();
  SCOPED_TRACE("HPA_SEED=" + std::to_string(used));
  Dice dice(used);
  for (int i = 0; i < passes && !HasFailure(); ++i) {
    const Scene scene = random_scene(dice);
    const Pass pass = reconcile(scene.input(), scene.state);
    if (pass.write) check_write(scene, pass);
  }
}

TEST(PassProperty, TheSameInputGivesTheSamePass) {
  const std::uint64_t used = seed();
  SCOPED_TRACE("HPA_SEED=" + std::to_string(used));
  Dice dice(used);
  for (int i = 0; i < passes / 10; ++i) {
    const Scene scene = random_scene(dice);
    const Pass a = reconcile(scene.input(), scene.state);
    const Pass b = reconcile(scene.input(), scene.state);
    ASSERT_EQ(a.next, b.next);
    ASSERT_EQ(a.write, b.write);
    ASSERT_EQ(a.events, b.events);
  }
}

TEST(PassProperty, WithoutMetricsNothingIsLookedAt) {
  const std::uint64_t used = seed();
  SCOPED_TRACE("HPA_SEED=" + std::to_string(used));
  Dice dice(used);
  const Observations nothing;
  for (int i = 0; i < passes / 4; ++i) {
    Scene scene = random_scene(dice);
    const Route way = route(scene.spec, scene.scale, scene.state.status.conditions, scene.gates);
    if (way == Route::by_metrics) continue;
    const Pass with_readings = reconcile(scene.input(), scene.state);
    scene.observed = nothing;
    PassInput input = scene.input();
    input.selector = {.state = PodSelector::State::missing, .detail = {}};
    const Pass without = reconcile(input, scene.state);
    ASSERT_EQ(with_readings.write, without.write);
    ASSERT_EQ(with_readings.next, without.next);
    ASSERT_EQ(with_readings.events, without.events);
  }
}

TEST(PassProperty, AFailedMetricNeverLowers) {
  const std::uint64_t used = seed();
  SCOPED_TRACE("HPA_SEED=" + std::to_string(used));
  Dice dice(used);
  for (int i = 0; i < passes && !HasFailure(); ++i) {
    Scene scene = random_scene(dice);
    if (scene.spec.metrics.empty()) continue;
    // Nothing but the metrics can lower: bounds, and a history that is above what they ask.
    if (scene.scale.spec > scene.spec.max || scene.spec.behavior) continue;
    scene.observed.readings[0].error = "down";
    const Pass pass = reconcile(scene.input(), scene.state);
    if (pass.write) EXPECT_GT(*pass.write, scene.scale.spec);
  }
}

TEST(PassProperty, AWriteThatFailsLeavesTheCountsAndForgetsNothing) {
  const std::uint64_t used = seed();
  SCOPED_TRACE("HPA_SEED=" + std::to_string(used));
  Dice dice(used);
  for (int i = 0; i < passes / 4; ++i) {
    const Scene scene = random_scene(dice);
    const Pass pass = reconcile(scene.input(), scene.state);
    if (!pass.write) continue;
    const Pass after = written(scene.input(), pass, "refused");
    ASSERT_EQ(after.next.status.desired, scene.state.status.desired);
    ASSERT_EQ(after.next.history, pass.next.history);
    ASSERT_EQ(after.error, ErrorKind::internal);
    const Pass done = written(scene.input(), pass, std::nullopt);
    ASSERT_EQ(done.next.status.desired, *pass.write);
    ASSERT_EQ(done.events.back().reason, "SuccessfulRescale");
  }
}

TEST(StabilizeProperty, StaysBetweenTheExtremes) {
  const std::uint64_t used = seed();
  SCOPED_TRACE("HPA_SEED=" + std::to_string(used));
  Dice dice(used);
  for (int i = 0; i < passes; ++i) {
    const State state = random_state(dice);
    const auto log = state.history.recommendations.value_or(Recommendations{});
    const Move move{dice.count(), dice.count()};
    Replicas low = std::min(move.current, move.desired);
    Replicas high = std::max(move.current, move.desired);
    const Replicas moved = stabilize(move, log, {dice.span(), dice.span()}, now);
    // Between where it is and where it is to go: history can hold, never push.
    ASSERT_TRUE(low <= moved && moved <= high);
    for (const auto& r : log) high = std::max(high, r.replicas);
    const Replicas down = stabilize_down(move.desired, log, dice.span(), now);
    ASSERT_TRUE(move.desired <= down && down <= high);
  }
}

TEST(LimitProperty, IsMonotoneInWhatIsDesired) {
  const std::uint64_t used = seed();
  SCOPED_TRACE("HPA_SEED=" + std::to_string(used));
  Dice dice(used);
  for (int i = 0; i < passes; ++i) {
    const Scene scene = random_scene(dice);
    const Behavior behavior{random_rules(dice), random_rules(dice)};
    const Bounds bounds{min_replicas(scene.spec), scene.spec.max};
    const Replicas current = dice.count();
    Replicas a = dice.count(), b = dice.count();
    if (a > b) std::swap(a, b);
    // A minimum above the growth limit wins over it, but only for what lies below the minimum.
    if (bounds.min <= growth_limit(current)) {
      ASSERT_LE(limit_plain({current, a}, bounds).replicas,
                limit_plain({current, b}, bounds).replicas);
    }
    // The two directions have bounds of their own, so each is monotone by itself.
    if (a < current && b > current) continue;
    const auto& events = scene.state.history.events;
    if (current < bounds.min || current > bounds.max) continue;
    ASSERT_LE(limit({current, a}, bounds, behavior, events, now).replicas,
              limit({current, b}, bounds, behavior, events, now).replicas);
  }
}

}  // namespace
}  // namespace scale::hpa
