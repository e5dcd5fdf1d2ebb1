// What holds for every decision. Random cases; the seed is printed, and taken from DECIDE_SEED when
// set.

#include <gtest/gtest.h>

#include <algorithm>

#include "scale/explain.h"
#include "scale/proposals.h"
#include "scale/testing/seeds.h"
#include "scale/testing/sequences.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;

struct Case {
  Spec spec;
  std::vector<Reading> readings;
  Workload workload;
  History history;
  Timestamp now = at(10000s);
};

Reading any_reading(Draw& draw) {
  switch (draw.below(12)) {
    case 0:
      return absent();
    case 1:
      return stale(at(9000s));
    case 2:
      return failed();
    case 3:
      return garbled();
    case 4:
      return value(0);
    case 5:
      return partial(draw.below(300));
    case 6:
      return ended();
    default:
      return value(draw.below(3000) / 10.0);
  }
}

OnMissing any_policy(Draw& draw, const Spec& spec) {
  using enum OnMissing::Action;
  if (draw.chance(50)) return {};
  OnMissing on{.action = draw.one_of({zero, OnMissing::Action::value, fallback, ignore}),
               .value = static_cast<double>(draw.below(60))};
  if (on.action == fallback && !spec.fallback) on.action = hold;
  return on;
}

Spec any_spec(Draw& draw) {
  Spec spec{.min = draw.below(4),
            .cooldown = draw.up_to(100),
            .initial_cooldown = draw.up_to(20000),
            .polling = 1s + draw.up_to(60)};
  if (draw.chance(70)) spec.behavior = hpa::Behavior{draw.rules(), draw.rules()};
  spec.max = spec.min + 1 + draw.below(20);
  if (spec.min > 0 && draw.chance(30)) spec.idle = draw.below(spec.min);
  spec.force_activation = draw.chance(10);
  if (draw.chance(50)) {
    spec.fallback = Fallback{.failure_threshold = draw.below(4),
                             .replicas = draw.below(8),
                             .kind = static_cast<Fallback::Kind>(draw.below(4))};
  }
  for (int i = draw.between(1, 3); i > 0; --i) {
    spec.triggers.push_back(trigger("t" + std::to_string(i), draw.between(1, 20),
                                    draw.chance(30) ? draw.below(50) : 0));
    if (draw.chance(20)) spec.triggers.back().metric_type = MetricType::value;
    for (OnMissing& on : spec.triggers.back().on_missing) on = any_policy(draw, spec);
  }
  if (draw.chance(20)) {
    std::vector<std::string> names;
    for (const auto& t : spec.triggers) names.push_back(t.name);
    const bool guarded = draw.chance(50);
    const std::string text = guarded ? "t1 ?? 7" : "t1 * 2 - 40";
    spec.modifiers = Modifiers{.formula = *formula::compile(text, names),
                               .text = text,
                               .target = static_cast<double>(draw.between(1, 9)),
                               .activation = static_cast<double>(draw.below(20))};
  }
  return spec;
}

// What some earlier life of the object left.
History any_history(Draw& draw, const Spec& spec) {
  History history{.active = draw.chance(30), .seeded = draw.chance(80)};
  for (const auto& t : spec.triggers) {
    if (draw.chance(20)) continue;
    history.held.push_back(
        {.replicas = draw.below(20), .active = draw.chance(50), .trigger = trigger_key(t.name)});
    if (draw.chance(30)) history.held.back().failing_since = at(10000s) - draw.up_to(300);
  }
  if (draw.chance(60)) history.last_active = at(10000s) - draw.up_to(200);
  Replicas high = 40, low = 0;
  for (int age = 300; age > 0; age -= 1 + draw.below(100)) {
    const Timestamp then = at(10000s) - std::chrono::seconds(age);
    history.highs.push_back({.at = then, .replicas = high -= 1 + draw.below(8)});
    history.lows.push_back({.at = then, .replicas = low += 1 + draw.below(8)});
    history.events.up.push_back({.at = then, .change = draw.between(1, 4)});
    history.events.down.push_back({.at = then, .change = draw.between(1, 4)});
  }
  if (draw.chance(50))
    history.recommended = {at(10000s) - draw.up_to(40), static_cast<Replicas>(draw.below(25))};
  if (draw.chance(50)) history.window = {at(10000s) - draw.up_to(20), draw.between(1, 20), 0};
  return history;
}

Case any_case(Draw& draw) {
  Case c{.spec = any_spec(draw), .readings = {}, .workload = {}, .history = {}};
  for (std::size_t i = 0; i < c.spec.triggers.size(); ++i) c.readings.push_back(any_reading(draw));
  c.workload = {.replicas = draw.below(25), .object_created = at(0s)};
  // Stated, because a Value target whose ready pods grow with the count asks for more each time.
  c.workload.ready = draw.below(c.workload.replicas + 1);
  c.history = any_history(draw, c.spec);
  return c;
}

Outcome decide(Case& c) {
  return decide(c.spec, c.readings, c.workload, c.history, c.now);
}

// What a failure shows.
std::string told(const Case& c, Decision decision) {
  tell(decision, c.spec);
  return "min " + std::to_string(c.spec.min) + ", max " + std::to_string(c.spec.max) + "\n" +
         json::print(to_json(decision, c.spec)) + "\n" + json::print(to_json(c.history));
}

template <class Check>
void for_many(Check check) {
  for_seeds(3'000, [&](std::uint64_t seed) {
    Draw draw(seed);
    Case c = any_case(draw);
    check(draw, c);
  });
}

bool at_rest(const Case& c, const Decision& decision) {
  return !decision.active && (c.spec.idle ? decision.to <= *c.spec.idle : decision.to == 0);
}

TEST(DecideAlways, StaysWithinMinAndMaxUnlessAtRest) {
  for_many([](Draw&, Case& c) {
    const Decision decision = decide(c).decision;
    EXPECT_LE(decision.to, c.spec.max);
    if (!at_rest(c, decision)) EXPECT_GE(decision.to, std::max(c.spec.min, 1));
  });
}

// Whether what is missing may not lower: nothing was said about it, and it is no evidence of zero.
bool must_hold(const Proposal& p) {
  return p.basis == Basis::held || p.basis == Basis::nothing;
}

TEST(DecideAlways, AFaultNeverLowers) {
  for_many([](Draw&, Case& c) {
    const Decision decision = decide(c).decision;
    const bool asked = c.spec.fallback && c.spec.fallback->replicas == 0;
    const auto asking = voters(c.spec, decision.proposals);
    for (const auto& p : asking) {
      if (!must_hold(p) || (asked && p.failures > 0)) continue;
      EXPECT_GE(decision.to, std::min(c.workload.replicas, c.spec.max)) << told(c, decision);
    }
    // Silence lets it rest, and lowers nothing between 1 and N.
    for (const auto& p : asking) {
      if (p.basis == Basis::silent && !at_rest(c, decision))
        EXPECT_GE(decision.to, std::min(c.workload.replicas, c.spec.max));
    }
  });
}

TEST(DecideAlways, AnIncompleteValueNeverLowers) {
  for_many([](Draw&, Case& c) {
    const Decision decision = decide(c).decision;
    // With a formula only the composite asks, and it is as complete as what it was made of.
    for (const auto& p : voters(c.spec, decision.proposals)) {
      if (p.basis == Basis::value && !p.reading.complete)
        EXPECT_GE(decision.to, std::min(c.workload.replicas, c.spec.max));
    }
  });
}

TEST(DecideAlways, IsAFunction) {
  for_many([](Draw&, Case& c) {
    const Outcome first = decide(c);
    Outcome used = decide(c);
    used.decision.clamps.resize(7);
    used.next.highs.resize(9);
    const Outcome again = decide(c.spec, c.readings, c.workload, c.history, c.now, std::move(used));
    EXPECT_EQ(first.decision, again.decision) << "whatever memory it is given";
    EXPECT_EQ(first.next, again.next);
  });
}

TEST(DecideAlways, TheOrderOfTriggersDoesNotMatter) {
  for_many([](Draw&, Case& c) {
    if (c.spec.modifiers) return;  // their names are in the formula's order
    const Outcome first = decide(c);
    std::ranges::reverse(c.spec.triggers);
    std::ranges::reverse(c.readings);
    const Outcome turned = decide(c);
    EXPECT_EQ(first.decision.to, turned.decision.to);
    EXPECT_EQ(first.decision.active, turned.decision.active);
    EXPECT_EQ(first.decision.again_at, turned.decision.again_at);
    EXPECT_EQ(first.next.highs, turned.next.highs);
    EXPECT_EQ(first.next.window, turned.next.window);
  });
}

// A record that was written and read again reproduces its result.
TEST(DecideAlways, ReplayingARecordReproducesIt) {
  for_many([](Draw&, Case& c) {
    Decision decision = decide(c).decision;
    tell(decision, c.spec);
    const auto record = decision_from_json(*json::parse(json::print(to_json(decision, c.spec))));
    const auto history = history_from_json(*json::parse(json::print(to_json(c.history))));
    ASSERT_TRUE(record) << record.error().what;
    ASSERT_TRUE(history) << history.error().what;
    EXPECT_EQ(*record, decision);
    std::vector<Reading> readings;
    for (std::size_t i = 0; i < c.spec.triggers.size(); ++i)
      readings.push_back(record->proposals[i].reading);
    Workload workload = c.workload;
    workload.replicas = record->from;
    Decision again = decide(c.spec, readings, workload, *history, record->at).decision;
    tell(again, c.spec);
    EXPECT_EQ(again, *record);
  });
}

TEST(DecideAlways, ChangesNothingWhenNothingChanged) {
  for_many([](Draw&, Case& c) {
    // A resting workload starts its arithmetic only once it is up, and which of the counts within
    // tolerance is kept depends on the count before; after that nothing moves.
    constexpr int settling = 4;
    Outcome last;
    for (int i = 0; i < settling; ++i) {
      last = decide(c);
      c.workload.replicas = last.decision.to;
      c.history = last.next;
    }
    const Outcome again = decide(c);
    EXPECT_EQ(again.decision.to, last.decision.to) << told(c, again.decision);
    EXPECT_EQ(again.next, last.next) << told(c, again.decision);
  });
}

TEST(DecideAlways, MoreSignalNeverMeansFewerReplicas) {
  for_many([](Draw& draw, Case& c) {
    const auto i = static_cast<std::size_t>(draw.below(static_cast<int>(c.readings.size())));
    if (c.readings[i].state != Reading::State::value) return;
    // A Value target multiplies by the ready pods: with none of them more signal asks for nothing.
    if (c.spec.triggers[i].metric_type == MetricType::value) return;
    const Replicas before = decide(c).decision.to;
    if (c.spec.modifiers) return;
    c.readings[i].value += draw.below(1000) / 10.0;
    const Decision more = decide(c).decision;
    EXPECT_GE(more.to, before) << told(c, more);
  });
}

TEST(DecideAlways, ClampsTellTheWholeWay) {
  for_many([](Draw&, Case& c) {
    const Decision decision = decide(c).decision;
    for (std::size_t i = 0; i < decision.clamps.size(); ++i) {
      const Clamp& clamp = decision.clamps[i];
      EXPECT_NE(clamp.before, clamp.after);
      EXPECT_FALSE(detail_text(clamp, decision, c.spec).empty());
      if (i > 0) EXPECT_EQ(clamp.before, decision.clamps[i - 1].after);
    }
    if (!decision.clamps.empty()) EXPECT_EQ(decision.clamps.back().after, decision.to);
    EXPECT_FALSE(reason_text(decision, c.spec).empty());
    if (decision.again_at) EXPECT_GT(*decision.again_at, c.now);
  });
}

TEST(DecideAlways, NothingHappensBeforeItIsLookedAtAgain) {
  for_many([](Draw& draw, Case& c) {
    const Outcome first = decide(c);
    c.workload.replicas = first.decision.to;
    c.history = first.next;
    const Outcome settled = decide(c);
    c.workload.replicas = settled.decision.to;
    c.history = settled.next;
    const Duration wait = draw.up_to(400);
    if (settled.decision.again_at && c.now + wait >= *settled.decision.again_at) return;
    c.now = c.now + wait;
    EXPECT_EQ(decide(c).decision.to, settled.decision.to);
  });
}

TEST(DecideAlways, PausesKeepTheCount) {
  for_many([](Draw& draw, Case& c) {
    c.spec.paused = true;
    EXPECT_EQ(decide(c).decision.to, c.workload.replicas);
    c.spec.paused_replicas = draw.below(50);
    EXPECT_EQ(decide(c).decision.to, *c.spec.paused_replicas);
    c.spec.paused = false;
    c.spec.paused_replicas.reset();
    c.spec.paused_scale_in = true;
    EXPECT_GE(decide(c).decision.to, c.workload.replicas);
    c.spec.paused_scale_out = true;
    EXPECT_EQ(decide(c).decision.to, c.workload.replicas);
  });
}

}  // namespace
}  // namespace scale
