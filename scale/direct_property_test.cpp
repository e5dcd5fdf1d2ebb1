// The engine at event time against an HPA: the same at every step when it is evaluated once per
// sync period, and never beyond it when it is evaluated at every sample.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "scale/ask.h"
#include "scale/hpa/limits.h"
#include "scale/testing/property.h"
#include "scale/testing/sequences.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;

constexpr Duration period = 15s;

// An HPA with one External metric, from the HPA's own parts; every replica is ready. It keeps every
// recommendation and every event.
struct Controller {
  const Spec& spec;
  hpa::Recommendations recommendations;
  hpa::ScaleEvents events;

  hpa::Bounds bounds() const { return {.min = spec.floor(), .max = spec.max}; }

  Replicas proposal(double value, Replicas n) const {
    const TriggerSpec& trigger = spec.triggers[0];
    const auto amount = static_cast<hpa::Milli>(milli(value));
    const auto target = static_cast<hpa::Milli>(milli(trigger.target));
    if (trigger.metric_type == MetricType::average_value)
      return hpa::propose_average({amount, target, n}, spec.tolerances());
    return hpa::propose_value({amount, target, n}, n, spec.tolerances());
  }

  // What a tick would want that sees `desired`; nothing is kept. since: as of when events count.
  Replicas wants(Replicas desired, Replicas n, Timestamp now, Timestamp since) const {
    if (n > spec.max) return spec.max;
    if (n < spec.floor()) return spec.floor();
    const hpa::Windows windows = spec.windows();
    if (!spec.behavior) {
      const Replicas steady = hpa::stabilize_down(desired, recommendations, windows.down, now);
      return hpa::limit_plain({n, steady}, bounds()).replicas;
    }
    const Replicas steady = hpa::stabilize({n, desired}, recommendations, windows, now);
    return hpa::limit({n, steady}, bounds(), *spec.behavior, events, since).replicas;
  }

  void recommend(Replicas desired, Timestamp now) {
    recommendations.push_back({.at = now, .replicas = desired});
  }

  void changed(Replicas change, Timestamp now) {
    if (!spec.behavior || change == 0) return;
    const bool up = change > 0;
    auto& list = up ? events.up : events.down;
    const auto& rules = up ? spec.behavior->up : spec.behavior->down;
    list = hpa::remember(list, std::abs(change), hpa::longest_period(rules), now);
  }

  // One pass; the count it leaves.
  Replicas pass(double value, Replicas n, Timestamp now) {
    if (recommendations.empty()) recommend(n, now);
    const bool reads = n <= spec.max && n >= spec.floor();
    const Replicas desired = reads ? proposal(value, n) : 0;
    const Replicas want = wants(desired, n, now, now);
    if (reads) recommend(desired, now);
    changed(want - n, now);
    return want;
  }
};

Sequence drawn(Draw& draw, std::function<Duration(Draw&)> step) {
  Sequence s;
  // Activation below 0: always active, so that KEDA's 0<->1 stays out of it.
  s.spec = {.min = draw.between(1, 4), .triggers = {trigger("queue", draw.between(1, 12), -1)}};
  s.spec.max = s.spec.min + draw.below(60);
  if (draw.chance(20)) s.spec.triggers[0].metric_type = MetricType::value;
  s.spec.downscale_stabilization = draw.chance(50) ? 300s : draw.up_to(300);
  if (draw.chance(70)) s.spec.behavior = hpa::Behavior{draw.rules(), draw.rules()};
  s.replicas = draw.between(1, 20);
  double level = draw.below(300);
  for (int i = draw.between(1, 60); i > 0; --i) {
    if (draw.chance(30)) level = draw.below(draw.chance(20) ? 3000 : 300);
    Happening h{.after = step(draw), .readings = {value(level + draw.below(40) / 4.0)}};
    if (draw.chance(4)) h.set_by_hand = draw.between(1, 70);
    s.happenings.push_back(h);
  }
  return s;
}

Duration within_periods(Draw& draw) {
  return draw.chance(10) ? 1s + draw.up_to(400)
                         : Duration(std::chrono::milliseconds(draw.between(1, 9000)));
}

// The first difference between decide() once per period and the HPA; nullopt: none.
std::optional<std::string> differs_from_hpa(const Sequence& s) {
  Controller controller{.spec = s.spec, .recommendations = {}, .events = {}};
  Scene scene{.spec = s.spec};
  scene.workload.replicas = s.replicas;
  Replicas n = s.replicas;
  Timestamp now = at(0s);
  for (const auto& h : s.happenings) {
    now = now + h.after;
    if (h.set_by_hand) scene.workload.replicas = n = *h.set_by_hand;
    n = controller.pass(h.readings[0].value, n, now);
    const Decision decision = scene.decide(h.readings, now);
    if (decision.to == n) continue;
    return fmt::format("after {} the HPA wants {}, decide() {}",
                       base::format_duration(now - at(0s)), n, decision.to);
  }
  return std::nullopt;
}

void expect_none(const Sequence& s,
                 const std::function<std::optional<std::string>(const Sequence&)>& difference) {
  expect_holds(s, [&](const Sequence& one) {
    if (const auto found = difference(one)) ADD_FAILURE() << *found;
  });
}

TEST(Direct, OncePerPeriodIsTheHpa) {
  for_seeds(3000, [](std::uint64_t seed) {
    Draw draw(seed);
    expect_none(drawn(draw, [](Draw&) { return period; }), differs_from_hpa);
  });
}

// A decision maker at event time beside an HPA that knows the same past and could tick at any
// moment of the current window. Within the window it sees the samples so far.
class Rival {
 public:
  explicit Rival(const Sequence& s) : controller_{s.spec, {}, {}}, base_(s.replicas) {}

  // Before each decision: `n` is the count then.
  void before(Replicas n, Timestamp now) {
    if (controller_.recommendations.empty()) controller_.recommend(n, now);
    if (!open_ || change_ == 0 || now - start_ >= period) begin(n, now);
  }

  // Where a tick now would go that sees `value`; and what it would ask for at `n`.
  Replicas tick(double value, Timestamp now) const {
    return controller_.wants(controller_.proposal(value, base_), base_, now, start_);
  }
  Replicas asks(double value, Replicas n) const { return controller_.proposal(value, n); }

  // What is reached at most and at least once `value` has been seen, too.
  void see(double value, Timestamp now) {
    ticks_.push_back(now);
    samples_.push_back(value);
    for (const Timestamp tick : ticks_) {
      for (const double sample : samples_) {
        const Replicas want =
            controller_.wants(controller_.proposal(sample, base_), base_, tick, start_);
        highest_ = std::max(highest_, want);
        lowest_ = std::min(lowest_, want);
      }
    }
  }

  void after(const Decision& decision, const History& next) {
    change_ += decision.to - decision.from;
    last_ = next.recommended;
    if (!next.window) {  // a bound was crossed: a tick of its own
      controller_.changed(change_, decision.at);
      open_ = false;
    } else if (last_) {
      inside_.push_back(*last_);
    }
  }

  Replicas highest() const { return highest_; }
  Replicas lowest() const { return lowest_; }

 private:
  void begin(Replicas n, Timestamp now) {
    if (open_) controller_.changed(change_, start_);
    for (const auto& r : inside_) controller_.recommend(r.replicas, r.at);
    if (last_) {
      for (Timestamp tick = last_->at + period; tick < now; tick = tick + period)
        controller_.recommend(last_->replicas, tick);
    }
    inside_.clear();
    ticks_.clear();
    samples_.clear();
    open_ = true;
    start_ = now;
    base_ = highest_ = lowest_ = n;
    change_ = 0;
  }

  Controller controller_;
  bool open_ = false;
  Timestamp start_;
  Replicas base_ = 0;
  Replicas change_ = 0;
  std::optional<History::Recommendation> last_;
  std::vector<History::Recommendation> inside_;  // recommended within the window
  std::vector<Timestamp> ticks_;
  std::vector<double> samples_;
  Replicas highest_ = 0;
  Replicas lowest_ = 0;
};

std::optional<std::string> goes_beyond(const Sequence& s) {
  Rival rival(s);
  Scene scene{.spec = s.spec};
  scene.workload.replicas = s.replicas;
  Timestamp now = at(0s);
  for (const auto& h : s.happenings) {
    now = now + h.after;
    rival.before(scene.workload.replicas, now);
    rival.see(h.readings[0].value, now);
    const Decision decision = scene.decide(h.readings, now);
    rival.after(decision, scene.history);
    if (decision.to <= rival.highest() && decision.to >= rival.lowest()) continue;
    return fmt::format("after {}: {}, where an HPA reaches {} to {}",
                       base::format_duration(now - at(0s)), decision.to, rival.lowest(),
                       rival.highest());
  }
  return std::nullopt;
}

TEST(Direct, AtEverySampleItNeverGoesBeyondTheHpa) {
  for_seeds(3000, [](std::uint64_t seed) {
    Draw draw(seed);
    Sequence s = drawn(draw, within_periods);
    s.spec.triggers[0].metric_type = MetricType::average_value;
    for (auto& h : s.happenings) h.set_by_hand.reset();
    expect_none(s, goes_beyond);
  });
}

// Without windows of stabilisation every sample moves it at once as far as an HPA's tick would at
// this moment, counted from where the period began: it is sooner, not slower.
std::optional<std::string> lags(const Sequence& s) {
  Rival rival(s);
  Scene scene{.spec = s.spec};
  scene.workload.replicas = s.replicas;
  Timestamp now = at(0s);
  for (const auto& h : s.happenings) {
    now = now + h.after;
    const Replicas n = scene.workload.replicas;
    rival.before(n, now);
    const Replicas tick = rival.tick(h.readings[0].value, now);
    const Replicas here = rival.asks(h.readings[0].value, n);  // n: within tolerance
    const Decision decision = scene.decide(h.readings, now);
    rival.after(decision, scene.history);
    const bool short_of = tick > n && here > n && decision.to < tick;
    const bool above = tick < n && here < n && decision.to > tick;
    if (!short_of && !above) continue;
    return fmt::format("after {}: from {} to {}, where a tick goes to {}",
                       base::format_duration(now - at(0s)), n, decision.to, tick);
  }
  return std::nullopt;
}

Sequence without_windows(Sequence s) {
  s.spec.triggers[0].metric_type = MetricType::average_value;
  s.spec.downscale_stabilization = Duration{};
  if (s.spec.behavior) s.spec.behavior->up.window = s.spec.behavior->down.window = Duration{};
  for (auto& h : s.happenings) h.set_by_hand.reset();
  return s;
}

TEST(Direct, AtEverySampleItGoesAsFarAsATickWould) {
  for_seeds(3000, [](std::uint64_t seed) {
    Draw draw(seed);
    expect_none(without_windows(drawn(draw, within_periods)), lags);
  });
}

// The engine beside two HPAs, each with a past of its own, while the signal only grows. One ticks
// every 15 s, wherever the engine's windows lie; the other at the end of each window in which the
// engine made a change, and at no other time.
class Race {
 public:
  explicit Race(const Sequence& s)
      : grid_{s.spec, {}, {}},
        ends_{s.spec, {}, {}},
        jumps_once_(s.happenings.size() == 1),
        scene_{.spec = s.spec},
        on_grid_(s.replicas),
        at_ends_(s.replicas) {
    scene_.workload.replicas = s.replicas;
  }

  void begin() {
    at_ends_ = ends_.pass(level_, at_ends_, at(0s));
    look(at(0s));
    tick(at(0s));
  }
  void sample(Timestamp now, double level) {
    run_until(now);
    level_ = level;
    if (end_ == now) end(now);
    look(now);
    if (tick_ == now) tick(now);
  }
  // Everything before `now`.
  void run_until(Timestamp now) {
    for (Timestamp next = earliest(); next < now && looks_ < looks_max; next = earliest()) {
      if (end_ == next) end(next);
      if (again_ == next) look(next);
      if (tick_ == next) tick(next);
    }
  }

  // What went wrong first.
  const std::optional<std::string>& trouble() const { return trouble_; }

 private:
  Replicas direct() const { return scene_.workload.replicas; }
  // Whether who grew earlier can grow as far later: nothing holds it, and its limits do not add up
  // to other numbers on another path, which they may for several jumps or policies.
  bool keeps_a_lead() const {
    const auto& behavior = scene_.spec.behavior;
    const bool one_way = !behavior || behavior->up.policies.size() == 1;
    return jumps_once_ && one_way && scene_.spec.windows().up == Duration{};
  }

  Timestamp earliest() const {
    return std::min({tick_, again_.value_or(tick_), end_.value_or(tick_)});
  }
  void look(Timestamp now) {
    again_ = scene_.decide({value(level_)}, now).again_at;
    if (++looks_ == looks_max) trouble_ = "it looks again and again";
    const auto& window = scene_.history.window;
    if (!end_ && window && window->change != 0) end_ = window->start + period;
  }
  void end(Timestamp now) {
    end_.reset();
    at_ends_ = ends_.pass(level_, at_ends_, now);
    if (direct() > at_ends_) note("passes", at_ends_, now);
  }
  void tick(Timestamp now) {
    tick_ = now + period;
    on_grid_ = grid_.pass(level_, on_grid_, now);
    if (direct() < on_grid_ && keeps_a_lead()) note("lags behind", on_grid_, now);
  }
  void note(std::string_view what, Replicas hpa, Timestamp now) {
    if (trouble_) return;
    trouble_ = fmt::format("after {} the engine at {} {} the HPA at {}",
                           base::format_duration(now - at(0s)), direct(), what, hpa);
  }

  Controller grid_;
  Controller ends_;
  bool jumps_once_;
  Scene scene_;
  Replicas on_grid_;
  Replicas at_ends_;
  double level_ = 0;
  static constexpr int looks_max = 20'000;
  int looks_ = 0;
  Timestamp tick_ = at(0s);
  std::optional<Timestamp> again_;
  std::optional<Timestamp> end_;
  std::optional<std::string> trouble_;
};

std::optional<std::string> races_badly(const Sequence& s) {
  Race race(s);
  Timestamp now = at(0s);
  race.begin();
  for (const auto& h : s.happenings) race.sample(now = now + h.after, h.readings[0].value);
  race.run_until(now + 600s);
  return race.trouble();
}

// No tolerance: within it, who comes from further below passes where the other stays.
Sequence growing(Sequence s) {
  s.spec.triggers[0].metric_type = MetricType::average_value;
  s.spec.tolerance = 0;
  if (s.spec.behavior) s.spec.behavior->up.tolerance = s.spec.behavior->down.tolerance = 0;
  s.replicas = s.spec.floor();
  double level = 0;
  for (auto& h : s.happenings) {
    h.set_by_hand.reset();
    h.readings[0].value = level = std::max(level, h.readings[0].value);
  }
  return s;
}

TEST(Direct, WhatGrowsPassesNoHpaAtTheEndOfThePeriodAndLagsBehindNone) {
  for_seeds(1500, [](std::uint64_t seed) {
    Draw draw(seed);
    Sequence s = growing(drawn(draw, within_periods));
    if (draw.chance(30)) s.happenings.resize(1);
    expect_none(s, races_badly);
  });
}

// After a long quiet time it has come to rest where an HPA would rest, too. (Which of the counts
// within tolerance that is depends on the way.)
std::optional<std::string> rests_elsewhere(const Sequence& s) {
  const Controller controller{.spec = s.spec, .recommendations = {}, .events = {}};
  Scene scene{.spec = s.spec};
  scene.workload.replicas = s.replicas;
  Timestamp now = at(0s);
  for (const auto& h : s.happenings) {
    const Timestamp end = now + 7200s;
    // Evaluated when the signal changes and when a decision says so, and at no other time.
    std::optional<Timestamp> next = now;
    for (int i = 0; next && *next < end; ++i) {
      if (i > 20'000) return "it looks again and again";
      next = scene.decide(h.readings, *next).again_at;
    }
    now = end;
    const Replicas n = scene.workload.replicas;
    const Replicas want =
        controller.wants(controller.proposal(h.readings[0].value, n), n, now, now);
    if (want == n) continue;
    return fmt::format("after {} it rests at {}, where an HPA wants {}",
                       base::format_duration(now - at(0s)), n, want);
  }
  return std::nullopt;
}

TEST(Direct, AfterAQuietTimeItRestsWhereTheHpaDoes) {
  for_seeds(200, [](std::uint64_t seed) {
    Draw draw(seed);
    Sequence s = drawn(draw, [](Draw&) { return period; });
    s.spec.triggers[0].metric_type = MetricType::average_value;
    s.happenings.resize(std::min<std::size_t>(s.happenings.size(), 6));
    for (auto& h : s.happenings) h.set_by_hand.reset();
    expect_none(s, rests_elsewhere);
  });
}

}  // namespace
}  // namespace scale
