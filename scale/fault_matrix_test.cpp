// Every fault on every kind of trigger, alone and in pairs, over every policy: what the manifest
// says is what happens, and where it is silent nothing goes down.

#include <gtest/gtest.h>

#include <cmath>

#include "scale/fallback.h"
#include "scale/testing/scenes.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using Action = OnMissing::Action;
using Kind = Fallback::Kind;

const Timestamp now = at(10'000s);

struct Fault {
  const char* name;
  Reading reading;
};
const Fault faults[] = {
    {"absent", absent()},   {"stale", stale(at(9'000s))},       {"failed", failed()},
    {"garbled", garbled()}, {"infinite", value(INFINITY, now)}, {"not a number", value(NAN, now)},
};

struct Past {
  const char* name;
  std::optional<History::Held> held;
};
const Past pasts[] = {
    {"never a value", {}},
    {"5, active", History::Held{.replicas = 5, .active = true, .at = at(9'000s)}},
    {"2, active", History::Held{.replicas = 2, .active = true, .at = at(9'000s)}},
    {"0, inactive", History::Held{.replicas = 0, .active = false, .at = at(9'000s)}},
};

constexpr Kind kinds_of_fallback[] = {Kind::fixed, Kind::current, Kind::current_if_higher,
                                      Kind::current_if_lower};
constexpr MetricType types[] = {MetricType::average_value, MetricType::value};
constexpr Replicas counts[] = {0, 1, 4, 9};

// One combination; `second` has a trigger beside the first.
struct Combination {
  MetricType type{};
  Past past;
  Replicas current = 0;
  std::optional<Reading> second;
};

template <class Check>
void for_all(Check check) {
  for (const MetricType type : types) {
    for (const Past& past : pasts) {
      for (const Replicas current : counts) {
        for (const auto& second :
             {std::optional<Reading>(), std::optional(value(0, now)), std::optional(value(23, now)),
              std::optional(value(120, now)), std::optional(failed())}) {
          SCOPED_TRACE(std::string(past.name) + ", at " + std::to_string(current) + ", type " +
                       std::to_string(static_cast<int>(type)) + ", second " +
                       (second ? std::to_string(second->value) : "none"));
          check(Combination{type, past, current, second});
          if (::testing::Test::HasFailure()) return;
        }
      }
    }
  }
}

Spec spec_of(const Combination& c, OnMissing on) {
  Spec spec = prompt_spec();
  spec.triggers = {with(trigger("first", 10), on)};
  spec.triggers[0].metric_type = c.type;
  if (c.second) spec.triggers.push_back(trigger("second", 10));
  return spec;
}

History history_of(const Combination& c, std::optional<Timestamp> failing_since = {}) {
  History history{.last_active = at(5'000s)};
  history.held.push_back(c.past.held.value_or(History::Held{}));
  if (failing_since) history.held[0].failing_since = *failing_since;
  if (c.second) {
    history.held.push_back({.replicas = 3, .active = true, .at = at(9'000s)});
    history.last_active = at(9'999s);
  }
  return history;
}

std::vector<Reading> readings_of(const Combination& c, const Reading& first) {
  std::vector<Reading> readings = {first};
  if (c.second) readings.push_back(*c.second);
  return readings;
}

Replicas decided(const Combination& c, const Spec& spec, const Reading& first,
                 const History& history) {
  return decide(spec, readings_of(c, first), {.replicas = c.current, .object_created = at(0s)},
                history, now)
      .decision.to;
}

TEST(FaultMatrix, HoldNeverLowersWithoutEvidence) {
  for (const Fault& fault : faults) {
    SCOPED_TRACE(fault.name);
    for_all([&](const Combination& c) {
      const Spec spec = spec_of(c, {});
      const Replicas to = decided(c, spec, fault.reading, history_of(c));
      const bool silent =
          fault.reading.state == Reading::State::stale && c.past.held && !c.past.held->active;
      const bool second_at_rest =
          !c.second || (c.second->state == Reading::State::value && c.second->value == 0);
      const bool may_rest = silent && second_at_rest;
      if (!may_rest) EXPECT_GE(to, c.current);
      if (c.past.held && c.past.held->active) EXPECT_GE(to, *c.past.held->replicas);
    });
  }
}

TEST(FaultMatrix, ZeroReadsZeroAndAValueReadsTheValue) {
  for (const Fault& fault : faults) {
    SCOPED_TRACE(fault.name);
    for_all([&](const Combination& c) {
      for (const double stated : {0.0, 7.0, 35.0}) {
        const OnMissing on = stated == 0 ? OnMissing{.action = Action::zero}
                                         : OnMissing{.action = Action::value, .value = stated};
        const Spec spec = spec_of(c, on);
        EXPECT_EQ(decided(c, spec, fault.reading, history_of(c)),
                  decided(c, spec, value(stated, now), history_of(c)));
      }
    });
  }
}

TEST(FaultMatrix, EvidenceOfZeroReadsZero) {
  for_all([&](const Combination& c) {
    for (const auto state : {Reading::State::absent, Reading::State::stale}) {
      Reading reading = ended();
      reading.state = state;
      EXPECT_EQ(decided(c, spec_of(c, {}), reading, history_of(c)),
                decided(c, spec_of(c, {}), value(0, now), history_of(c)));
      EXPECT_EQ(
          decided(c, spec_of(c, {.action = Action::value, .value = 35}), reading, history_of(c)),
          decided(c, spec_of(c, {}), value(35, now), history_of(c)))
          << "the manifest's word counts first";
    }
  });
}

TEST(FaultMatrix, AnIgnoredTriggerIsAsIfItWereNotThere) {
  for (const Fault& fault : faults) {
    SCOPED_TRACE(fault.name);
    for_all([&](const Combination& c) {
      const Spec spec = spec_of(c, {.action = Action::ignore});
      const Replicas to = decided(c, spec, fault.reading, history_of(c));
      if (!c.second) {
        EXPECT_EQ(to, c.current) << "nobody is left who could say something";
        return;
      }
      Spec alone = spec;
      alone.triggers.erase(alone.triggers.begin());
      History history = history_of(c);
      history.held.erase(history.held.begin());
      EXPECT_EQ(to, decide(alone, std::vector{*c.second},
                           {.replicas = c.current, .object_created = at(0s)}, history, now)
                        .decision.to);
    });
  }
}

TEST(FaultMatrix, FallbackHoldsUpToItsThresholdAndThenAsksForItsCount) {
  for (const Fault& fault : faults) {
    SCOPED_TRACE(fault.name);
    for (const Kind kind : kinds_of_fallback) {
      for_all([&](const Combination& c) {
        Spec spec = spec_of(c, {.action = Action::fallback});
        spec.fallback = Fallback{.failure_threshold = 3, .replicas = 6, .kind = kind};
        for (const Duration since : {0s, 30s, 60s, 89s}) {
          EXPECT_EQ(decided(c, spec, fault.reading, history_of(c, now - since)),
                    decided(
                        c,
                        [&] {
                          Spec held = spec;  // the guard against zero is the fallback's
                          held.triggers[0].on_missing.fill({});
                          return held;
                        }(),
                        failed(), history_of(c)))
              << base::format_duration(since);
        }
        const Replicas wanted = fallback_replicas(*spec.fallback, c.current);
        const auto reads =
            fallback_value({.target = 10, .type = c.type, .replicas = wanted, .ready = c.current});
        const Replicas to = decided(c, spec, fault.reading, history_of(c, now - 90s));
        if (!reads) {
          EXPECT_GE(to, c.current) << "without ready pods a fallback of a Value target fails";
          return;
        }
        EXPECT_EQ(to, decided(c, spec, value(*reads, now), history_of(c)));
      });
    }
  }
}

TEST(FaultMatrix, AnIncompleteValueRaisesAndNeverLowers) {
  for_all([&](const Combination& c) {
    for (const double v : {0.0, 8.0, 35.0, 500.0}) {
      const Replicas whole = decided(c, spec_of(c, {}), value(v, now), history_of(c));
      const Replicas to = decided(c, spec_of(c, {}), partial(v), history_of(c));
      EXPECT_EQ(to, std::max(whole, c.current));
    }
  });
}

// Two faulty triggers, each with its own policy.
TEST(FaultMatrix, PairsOfFaultsOverEveryPairOfPolicies) {
  const OnMissing policies[] = {{},
                                {.action = Action::zero},
                                {.action = Action::value, .value = 35},
                                {.action = Action::fallback},
                                {.action = Action::ignore}};
  const auto may_lower = [](const OnMissing& on) { return on.action != Action::hold; };
  for (const Fault& a : faults) {
    for (const Fault& b : faults) {
      for (const OnMissing& on_a : policies) {
        for (const OnMissing& on_b : policies) {
          for (const Replicas current : counts) {
            SCOPED_TRACE(std::string(a.name) + " and " + b.name);
            Spec spec = prompt_spec();
            spec.fallback = Fallback{.failure_threshold = 0, .replicas = 4};
            spec.triggers = {with(trigger("a", 10), on_a), with(trigger("b", 10), on_b)};
            History history{.last_active = at(9'999s)};
            history.held = {{.replicas = 5, .active = true, .at = at(9'000s)},
                            {.replicas = 2, .active = true, .at = at(9'000s)}};
            const Decision decision =
                decide(spec, std::vector{a.reading, b.reading},
                       {.replicas = current, .object_created = at(0s)}, history, now)
                    .decision;
            const bool nobody = on_a.action == Action::ignore && on_b.action == Action::ignore;
            if (!may_lower(on_a) || !may_lower(on_b) || nobody) {
              EXPECT_GE(decision.to, current);
            }
            if (!may_lower(on_a)) EXPECT_GE(decision.to, 5);
            if (!may_lower(on_b)) EXPECT_GE(decision.to, 2);
            if (on_a.action == Action::value || on_b.action == Action::value)
              EXPECT_GE(decision.to, 4);
            EXPECT_LE(decision.to, std::max({current, 5}));
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace scale
