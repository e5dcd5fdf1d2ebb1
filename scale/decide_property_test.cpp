// What holds for every decision. Random cases; a failure shows its seed, which DECIDE_SEED takes,
// and the smallest case that fails, too.

#include <gtest/gtest.h>

#include <algorithm>

#include "scale/explain.h"
#include "scale/proposals.h"
#include "scale/testing/cases.h"
#include "scale/testing/property.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;

Outcome decide(Case& c) {
  return decide(c.spec, c.readings, c.workload, c.history, c.now);
}

// check(draw, case): expects something of the case; what it draws is the same for simpler cases.
template <class Check>
void for_many(Check check) {
  for_seeds(3'000, [&](std::uint64_t seed) {
    Draw draw(seed);
    const Case drawn = any_case(draw);
    expect_holds(drawn, [&](Case c) {
      Draw more = draw;
      check(more, c);
    });
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
      EXPECT_GE(decision.to, std::min(c.workload.replicas, c.spec.max));
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
    EXPECT_EQ(again.decision.to, last.decision.to);
    EXPECT_EQ(again.next, last.next);
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
    EXPECT_GE(more.to, before);
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
