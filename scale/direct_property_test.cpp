// The engine at event time against an HPA: the same at every step when it is evaluated once per
// sync period, and never beyond it when it is evaluated at every sample.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "scale/ask.h"
#include "scale/hpa/limits.h"
#include "scale/testing/property.h"
#include "scale/testing/sequences.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;

constexpr Duration period = 15s;

// An HPA with one External metric and an averageValue target, from the HPA's own parts. It keeps
// every recommendation and every event.
struct Controller {
  const Spec& spec;
  hpa::Recommendations recommendations;
  hpa::ScaleEvents events;

  hpa::Bounds bounds() const { return {.min = spec.floor(), .max = spec.max}; }

  Replicas proposal(double value, Replicas n) const {
    return hpa::propose_average({.total = static_cast<hpa::Milli>(milli(value)),
                                 .target = static_cast<hpa::Milli>(milli(spec.triggers[0].target)),
                                 .replicas = n},
                                spec.tolerances());
  }

  // What a tick would want that sees `desired`; nothing is kept.
  Replicas wants(Replicas desired, Replicas n, Timestamp now) const {
    if (n > spec.max) return spec.max;
    if (n < spec.floor()) return spec.floor();
    const hpa::Windows windows = spec.windows();
    if (!spec.behavior) {
      const Replicas steady = hpa::stabilize_down(desired, recommendations, windows.down, now);
      return hpa::limit_plain({n, steady}, bounds()).replicas;
    }
    const Replicas steady = hpa::stabilize({n, desired}, recommendations, windows, now);
    return hpa::limit({n, steady}, bounds(), *spec.behavior, events, now).replicas;
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
    const Replicas want = wants(desired, n, now);
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
    if (!open_ || now - start_ >= period) begin(n, now);
  }

  // What is reached at most and at least once `value` has been seen, too.
  void see(double value, Timestamp now) {
    ticks_.push_back(now);
    samples_.push_back(value);
    for (const Timestamp tick : ticks_) {
      for (const double sample : samples_) {
        const Replicas want = controller_.wants(controller_.proposal(sample, base_), base_, tick);
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
    Sequence s = drawn(draw, [](Draw& d) {
      return d.chance(10) ? d.up_to(400) : Duration(std::chrono::milliseconds(d.between(1, 9000)));
    });
    for (auto& h : s.happenings) h.set_by_hand.reset();
    expect_none(s, goes_beyond);
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
    const Replicas want = controller.wants(controller.proposal(h.readings[0].value, n), n, now);
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
    s.happenings.resize(std::min<std::size_t>(s.happenings.size(), 6));
    for (auto& h : s.happenings) h.set_by_hand.reset();
    expect_none(s, rests_elsewhere);
  });
}

}  // namespace
}  // namespace scale
