// What holds for every decision. Random cases; the seed is printed, and taken from DECIDE_SEED when
// set.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "scale/testing/scenes.h"

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

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  bool chance(int percent) { return below(100) < percent; }
  Duration up_to(int seconds) { return std::chrono::seconds(below(seconds + 1)); }

  Reading reading() {
    switch (below(10)) {
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
      default:
        return value(below(3000) / 10.0);
    }
  }

  Rules rules() {
    Rules rules{.stabilization = chance(50) ? up_to(300) : 0s};
    if (chance(10)) rules.select = SelectPolicy::disabled;
    if (chance(20)) rules.select = SelectPolicy::min;
    for (int i = below(3); i > 0; --i) {
      rules.policies.push_back({.type = chance(50) ? PolicyType::pods : PolicyType::percent,
                                .value = 1 + below(100),
                                .period = 1s + up_to(100)});
    }
    return rules;
  }

  Spec spec() {
    Spec spec{.min = below(4),
              .cooldown = up_to(100),
              .initial_cooldown = up_to(20000),
              .up = rules(),
              .down = rules()};
    spec.max = spec.min + 1 + below(20);
    if (spec.min > 0 && chance(30)) spec.idle = below(spec.min);
    spec.force_activation = chance(10);
    for (int i = 1 + below(3); i > 0; --i) {
      spec.triggers.push_back(
          trigger("t" + std::to_string(i), 1 + below(20), chance(30) ? below(50) : 0));
    }
    return spec;
  }

  History history(const Spec& spec) {
    History history{.active = chance(30)};
    for (const auto& t : spec.triggers) {
      if (chance(80))
        history.held.push_back({.replicas = below(20), .active = chance(50), .trigger = t.name});
    }
    if (chance(60)) history.last_active = at(10000s) - up_to(200);
    for (int age = 300; age > 0; age -= 1 + below(100)) {
      history.recommendations.push_back(
          {.at = at(10000s) - std::chrono::seconds(age), .replicas = below(25)});
      history.events.push_back(
          {.at = at(10000s) - std::chrono::seconds(age), .change = below(9) - 4});
    }
    return history;
  }

  Case any() {
    Case c{.spec = spec()};
    for (std::size_t i = 0; i < c.spec.triggers.size(); ++i) c.readings.push_back(reading());
    c.workload = {.replicas = below(25), .object_created = at(0s)};
    c.history = history(c.spec);
    return c;
  }

 private:
  std::mt19937_64 random_;
};

Outcome decide(const Case& c) {
  return decide(c.spec, c.readings, c.workload, c.history, c.now);
}

bool all_usable(const Case& c) {
  return std::ranges::all_of(c.readings,
                             [](const Reading& r) { return r.state == Reading::State::value; });
}

class DecideAlways : public ::testing::Test {
 protected:
  template <class Check>
  void for_many(Check check) {
    const char* given = std::getenv("DECIDE_SEED");
    const std::uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    for (std::uint64_t i = 0; i < 5'000; ++i) {
      SCOPED_TRACE("DECIDE_SEED=" + std::to_string(seed + i));
      Draw draw(seed + i);
      check(draw, draw.any());
      if (HasFailure()) return;
    }
  }
};

TEST_F(DecideAlways, StaysWithinMinAndMaxUnlessAtRest) {
  for_many([](Draw&, const Case& c) {
    const Decision decision = decide(c).decision;
    EXPECT_LE(decision.to, c.spec.max);
    const bool at_rest =
        !decision.active && (c.spec.idle ? decision.to <= *c.spec.idle : decision.to == 0);
    if (!at_rest) EXPECT_GE(decision.to, std::max(c.spec.min, 1));
  });
}

TEST_F(DecideAlways, MissingDataNeverLowersBelowMax) {
  for_many([](Draw&, const Case& c) {
    if (all_usable(c)) return;
    const Outcome outcome = decide(c);
    const bool rests = !outcome.decision.active && outcome.decision.to == c.spec.idle.value_or(0);
    if (!rests) EXPECT_GE(outcome.decision.to, std::min(c.workload.replicas, c.spec.max));
    // Going to rest needs a reading or silence from every trigger, and each of them inactive.
    if (!rests || outcome.decision.to >= c.workload.replicas) return;
    for (const auto& p : outcome.decision.proposals) {
      const bool silent = p.reading.state == Reading::State::stale && p.held;
      EXPECT_TRUE(!p.active && (silent || p.reading.state == Reading::State::value));
    }
  });
}

TEST_F(DecideAlways, ChangesNothingWhenNothingChanged) {
  for_many([](Draw&, Case c) {
    const Outcome first = decide(c);
    c.workload.replicas = first.decision.to;
    c.history = first.next;
    const Outcome second = decide(c);
    c.workload.replicas = second.decision.to;
    c.history = second.next;
    const Outcome third = decide(c);
    // A resting workload starts its arithmetic only once it is up; after that nothing moves.
    EXPECT_EQ(second.decision.to, third.decision.to);
    EXPECT_EQ(second.next, third.next);
  });
}

TEST_F(DecideAlways, MoreSignalNeverMeansFewerReplicas) {
  for_many([](Draw& draw, Case c) {
    const auto i = static_cast<std::size_t>(draw.below(static_cast<int>(c.readings.size())));
    if (c.readings[i].state != Reading::State::value) return;
    const Replicas before = decide(c).decision.to;
    c.readings[i].value += draw.below(1000) / 10.0;
    EXPECT_GE(decide(c).decision.to, before);
  });
}

TEST_F(DecideAlways, ClampsTellTheWholeWay) {
  for_many([](Draw&, const Case& c) {
    const Decision decision = decide(c).decision;
    for (std::size_t i = 0; i < decision.clamps.size(); ++i) {
      const Clamp& clamp = decision.clamps[i];
      EXPECT_NE(clamp.before, clamp.after);
      EXPECT_FALSE(clamp.detail.empty());
      if (i > 0) EXPECT_EQ(clamp.before, decision.clamps[i - 1].after);
    }
    if (!decision.clamps.empty()) EXPECT_EQ(decision.clamps.back().after, decision.to);
    EXPECT_FALSE(decision.reason.empty());
    if (decision.again_at) EXPECT_GT(*decision.again_at, c.now);
  });
}

TEST_F(DecideAlways, NothingHappensBeforeItIsLookedAtAgain) {
  for_many([](Draw& draw, Case c) {
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

TEST_F(DecideAlways, PausesKeepTheCount) {
  for_many([](Draw& draw, Case c) {
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
