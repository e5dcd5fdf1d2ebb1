#include "simulation/simulate.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "scale/decide.h"
#include "scale/explain.h"
#include "scale/words.h"
#include "simulation/feed.h"
#include "simulation/pods.h"
#include "simulation/tally.h"

namespace simulation {
namespace {

using scale::Replicas;

void earliest(std::optional<Timestamp>& first, std::optional<Timestamp> other) {
  if (other && (!first || *other < *first)) first = other;
}

bool in_reach(Duration span) {
  return span > Duration{0} && span <= span_max;
}

Result<void> check_inputs(const Scenario& scenario) {
  if (scenario.inputs.empty() || scenario.inputs.size() != scenario.spec.triggers.size())
    return fail(Code::invalid, "want one signal for each trigger");
  for (std::size_t i = 0; i < scenario.inputs.size(); ++i) {
    const Input& input = scenario.inputs[i];
    const std::string& name = scenario.spec.triggers[i].name;
    if (input.signal.samples.empty()) return fail(Code::invalid, name + ": no samples");
    if (input.signal.offsets != scenario.inputs.front().signal.offsets)
      return fail(Code::invalid, name + ": its times are of another kind than those of " +
                                     scenario.spec.triggers.front().name +
                                     " (offsets beside absolute times)");
    if (!in_reach(input.stale_after))
      return fail(Code::invalid, name + ": stale-after is not above 0 and at most a year");
  }
  return {};
}

Result<void> check(const Scenario& scenario) {
  TRY_VOID(check_inputs(scenario));
  if (scenario.replicas < 0) return fail(Code::invalid, "replicas are below 0");
  if (scenario.pod_start != Duration{0} && !in_reach(scenario.pod_start))
    return fail(Code::invalid, "pod-start is not between 0 and a year");
  if (!in_reach(scenario.flap_window))
    return fail(Code::invalid, "flap-window is not above 0 and at most a year");
  if (!in_reach(scenario.polling))
    return fail(Code::invalid, "the polling interval is not above 0 and at most a year");
  return {};
}

Timestamp start_of(const Scenario& scenario) {
  Timestamp start = time_max;
  for (const Input& input : scenario.inputs)
    start = std::min(start, input.signal.samples.front().at);
  return start;
}

Timestamp end_of(const Scenario& scenario) {
  Timestamp end;
  for (const Input& input : scenario.inputs) end = std::max(end, input.signal.samples.back().at);
  return end;
}

// What the HPA sees of a specification: it never rests.
scale::Spec between_one_and_n(scale::Spec spec) {
  spec.min = std::max(spec.min, 1);
  spec.idle.reset();
  return spec;
}

// One run, event by event: samples, stale readings, pods that become ready, and the engine's own
// times.
class Simulation {
 public:
  Simulation(const Scenario& scenario, const Limits& limits)
      : scenario_(scenario),
        limits_(limits),
        hpa_spec_(between_one_and_n(scenario.spec)),
        start_(start_of(scenario)),
        end_(end_of(scenario)),
        now_(start_),
        replicas_(scenario.replicas),
        pods_(scenario.replicas, scenario.pod_start),
        tally_(scenario.spec, scenario.replicas, start_),
        tick_at_(start_),
        poll_at_(start_) {
    for (const Input& input : scenario.inputs) feeds_.emplace_back(input.signal, input.stale_after);
  }

  Result<Timeline> run() {
    for (std::optional<Timestamp> next = start_; next && *next <= end_; next = next_event()) {
      tally_.pass(*next, replicas_, pods_.ready(), feeds_);
      now_ = *next;
      for (Feed& feed : feeds_) feed.advance(now_);
      pods_.advance(now_);
      scenario_.engine == Engine::direct ? decide_directly() : decide_as_hpa();
      if (scenario_.keep_points) keep_point();
      if (evaluations_ > limits_.evaluations_max || timeline_.points.size() > limits_.points_max)
        return fail(Code::exhausted, "too many samples to evaluate: take a shorter span");
    }
    timeline_.summary = tally_.finish(replicas_);
    timeline_.summary.decisions = evaluations_;
    return std::move(timeline_);
  }

 private:
  std::optional<Timestamp> next_event() const {
    std::optional<Timestamp> next = pods_.next();
    for (const Feed& feed : feeds_) earliest(next, feed.next());
    if (scenario_.engine == Engine::direct) {
      earliest(next, again_at_);
    } else {
      earliest(next, std::min(tick_at_, poll_at_));
    }
    return next;
  }

  scale::Outcome decide(const scale::Spec& spec) {
    ++evaluations_;
    std::vector<scale::Reading> readings;
    for (const Feed& feed : feeds_) readings.push_back(feed.reading());
    scale::Outcome outcome =
        scale::decide(spec, readings, {.replicas = replicas_, .object_created = start_}, history_,
                      now_, std::move(spare_));
    scale::tell(outcome.decision, spec);
    return outcome;
  }

  void decide_directly() {
    scale::Outcome outcome = decide(scenario_.spec);
    history_ = std::move(outcome.next);
    again_at_ = outcome.decision.again_at;
    if (again_at_ && *again_at_ <= now_) again_at_.reset();
    carry_out(std::move(outcome.decision));
  }

  // KEDA's poll comes first: what it starts, the tick of the same moment already scales.
  void decide_as_hpa() {
    if (poll_at_ <= now_) {
      poll();
      poll_at_ = now_ + scenario_.polling;
    }
    if (tick_at_ <= now_) {
      if (replicas_ > 0) tick();
      tick_at_ = now_ + hpa_tick;
    }
  }

  // 0<->1: leaving rest and going there; what lies between is the tick's.
  void poll() {
    scale::Outcome outcome = decide(scenario_.spec);
    scale::Decision& decision = outcome.decision;
    // What was active at this poll was so at this moment, and not until the next one.
    history_.last_active = outcome.next.last_active;
    history_.held = std::move(outcome.next.held);
    if (scenario_.spec.paused_replicas) return carry_out(std::move(decision));
    const Replicas floor = hpa_spec_.min;
    const bool leaves_rest = decision.to > replicas_ && replicas_ < floor;
    if (leaves_rest) return start(floor, std::move(decision));
    if (decision.to >= floor || decision.to > replicas_) return;
    carry_out(std::move(decision));
  }

  // KEDA starts the least count; the HPA's tick goes on from there.
  void start(Replicas floor, scale::Decision decision) {
    if (decision.to <= floor) return carry_out(std::move(decision));
    decision.clamps.push_back({.kind = scale::ClampKind::activation,
                               .before = decision.to,
                               .after = floor,
                               .detail = "the poll starts the least count"});
    decision.to = floor;
    carry_out(std::move(decision), "; the poll starts with " + scale::count_text(floor));
  }

  void tick() {
    scale::Outcome outcome = decide(hpa_spec_);
    outcome.next.active = false;
    outcome.next.last_active = history_.last_active;
    history_ = std::move(outcome.next);
    carry_out(std::move(outcome.decision));
  }

  // note: what the engine adds to the decision's reason.
  void carry_out(scale::Decision decision, const std::string& note = {}) {
    if (decision.to != replicas_) change_to(decision.to, decision.reason + note);
    keep(std::move(decision));
  }

  void change_to(Replicas to, const std::string& reason) {
    const bool flap = tally_.change(now_, replicas_, to, scenario_.flap_window);
    if (timeline_.changes.size() < limits_.changes_max)
      timeline_.changes.push_back(
          {.at = now_, .from = replicas_, .to = to, .reason = reason, .flap = flap});
    replicas_ = to;
    pods_.scale_to(to, now_);
  }

  void keep(scale::Decision decision) {
    auto& kept = timeline_.decisions;
    if (decisions_full_) return;
    if (!kept.empty() && scale::same_story(kept.back().decision, decision)) {
      ++kept.back().count;
      kept.back().last = now_;
      return;
    }
    decisions_full_ = kept.size() == limits_.decisions_max;
    if (!decisions_full_) kept.push_back({.decision = std::move(decision), .last = now_});
  }

  void keep_point() {
    Point point{.at = now_, .replicas = replicas_, .ready = pods_.ready()};
    for (const Feed& feed : feeds_)
      point.readings.push_back({.state = feed.reading().state, .value = feed.reading().value});
    timeline_.points.push_back(std::move(point));
  }

  const Scenario& scenario_;
  const Limits& limits_;
  const scale::Spec hpa_spec_;
  const Timestamp start_;
  const Timestamp end_;
  Timestamp now_;
  std::vector<Feed> feeds_;
  Replicas replicas_;
  Pods pods_;
  Tally tally_;
  scale::History history_;
  scale::Outcome spare_;               // memory for the next decision
  std::optional<Timestamp> again_at_;  // direct
  Timestamp tick_at_;                  // hpa
  Timestamp poll_at_;
  std::size_t evaluations_ = 0;
  bool decisions_full_ = false;
  Timeline timeline_;
};

}  // namespace

Result<Timeline> simulate(const Scenario& scenario, const Limits& limits) {
  TRY_VOID(check(scenario));
  return Simulation(scenario, limits).run();
}

}  // namespace simulation
