#include "scale/decide.h"

#include <algorithm>

#include "base/check.h"
#include "scale/activity.h"
#include "scale/extremes.h"
#include "scale/hpa/age.h"
#include "scale/pace.h"
#include "scale/proposals.h"
#include "scale/track.h"

namespace scale {
namespace {

// After a bound was crossed the metrics are read at once, not a tick later.
constexpr Duration at_once = std::chrono::milliseconds(1);

// What every step of one decision reads, and the history that it leaves.
struct Situation {
  Inputs in;
  const Decision& decision;
  Activity activity;
  History& next;

  const Spec& spec() const { return in.spec; }
  Reach highs_reach() const { return {in.spec.windows().down, !in.spec.behavior}; }
  Reach lows_reach() const { return {in.spec.windows().up, false}; }
};

// Paused in both directions: nobody scales, as without an HPA.
bool pinned(const Spec& spec) {
  return spec.paused || spec.paused_replicas;
}

// --- what was before

void note_recommendation(const Situation& s, History::Recommendation fresh) {
  const Duration period = s.spec().sync_period;
  const Reach highs = s.highs_reach();
  if (highs.inclusive || highs.window > Duration{})
    note(s.next.highs, Extreme::high, fresh, period);
  if (s.lows_reach().window > Duration{}) note(s.next.lows, Extreme::low, fresh, period);
}

// The past as of now: what was recommended went on being so, what is over goes, a window of growth
// is open.
void bring_up_to_date(const Situation& s) {
  History& next = s.next;
  const Timestamp now = s.in.now;
  if (next.recommended) {
    next.recommended->at = std::min(next.recommended->at, now);
    note_recommendation(s, repeated(*next.recommended, s.spec().sync_period, now));
  }
  if (!next.seeded && !s.in.starts()) note_recommendation(s, {now, s.in.current()});
  next.seeded = true;
  forget(next.highs, s.highs_reach(), now);
  forget(next.lows, s.lows_reach(), now);
  for (auto* events : {&next.events.up, &next.events.down}) {
    for (auto& event : *events) event.at = std::min(event.at, now);
  }
  if (next.window) next.window->start = std::min(next.window->start, now);
  if (!s.in.starts() && !window_over(next, s.spec().sync_period, now)) return;
  close_window(s.spec(), next);
  next.window = {.start = now, .base = s.in.count()};
}

// A workload that nobody scales has no past to count.
void forget_past(History& next) {
  next.recommended.reset();
  next.highs.clear();
  next.lows.clear();
  next.seeded = false;
}

// --- the steps between 1 and N

// What the winner asks for, and what tolerance makes of it.
void start_from_winner(const Situation& s, Track& track) {
  track.start(0);
  if (!s.decision.winner) return;
  const Proposal& best = s.decision.proposals[*s.decision.winner];
  if (!is_fresh(best.basis)) return track.start(*best.replicas);
  const Ask asked = ask(best.used, yardstick(s.in, best.trigger));
  track.start(asked.wanted);
  track.move(asked.proposed, {.kind = ClampKind::tolerance, .number = asked.ratio});
}

// A scale-down needs a fresh and complete reading from every trigger. Returns whether it was
// refused.
bool hold(const Situation& s, Track& track) {
  const auto proposals = voters(s.spec(), s.decision.proposals);
  if (track.number() >= s.in.current() && s.decision.winner) return false;
  const bool missing = some_missing(proposals);
  if (!missing && !some_incomplete(proposals)) return false;
  track.move(std::max(track.number(), s.in.current()),
             {.kind = missing ? ClampKind::hold : ClampKind::just_started});
  return true;
}

void stabilize(const Situation& s, Track& track) {
  const Replicas wanted = track.number();
  const Timestamp now = s.in.now;
  const Replicas high =
      std::max(wanted, extreme_of(s.next.highs, s.highs_reach(), now).value_or(wanted));
  const Replicas low =
      std::min(wanted, extreme_of(s.next.lows, s.lows_reach(), now).value_or(wanted));
  // Without a behaviour block a recent higher recommendation is restored, with one it only holds.
  const Replicas restored =
      std::max(wanted, true_extreme_of(s.next.highs, s.highs_reach(), now).value_or(wanted));
  const Replicas steady = s.spec().behavior ? std::min(std::max(s.in.count(), low), high)
                                            : std::max(restored, std::min(high, s.in.count()));
  if (steady > wanted) {
    track.look_again(release(s.next.highs, Extreme::high, steady, s.highs_reach(), now));
    track.move(steady, {.kind = ClampKind::stabilization, .span = s.spec().windows().down});
  }
  if (steady < wanted) {
    track.look_again(release(s.next.lows, Extreme::low, steady, s.lows_reach(), now));
    track.move(steady, {.kind = ClampKind::stabilization, .span = s.spec().windows().up});
  }
}

// The words of a limit: the policy, where there is only one.
Clamp limit_step(const Spec& spec, hpa::Limited limited) {
  if (!spec.behavior) {
    return {.kind = ClampKind::growth,
            .number = static_cast<double>(limited.replicas),
            .span = spec.sync_period};
  }
  const hpa::Rules& rules =
      limited.reason == hpa::LimitReason::scale_up_limit ? spec.behavior->up : spec.behavior->down;
  Clamp step{.kind = ClampKind::policy};
  if (rules.select == hpa::SelectPolicy::disabled) return step;
  if (rules.policies.size() != 1) {
    step.number = static_cast<double>(limited.replicas);
    return step;
  }
  const hpa::Policy& policy = rules.policies.front();
  step.unit = policy.type == hpa::PolicyType::pods ? Clamp::Unit::pods : Clamp::Unit::percent;
  step.number = policy.value;
  step.span = policy.period;
  return step;
}

void limit_pace(const Situation& s, Track& track) {
  using enum hpa::LimitReason;
  const hpa::Move move{.current = s.in.count(), .desired = track.number()};
  const hpa::Limited limited = pace(s.spec(), s.next, move);
  if (limited.reason != scale_up_limit && limited.reason != scale_down_limit) return;
  if (limited.replicas != move.desired)
    track.look_again(pace_changes(s.spec(), s.next, limited.replicas));
  track.move(limited.replicas, limit_step(s.spec(), limited));
}

Clamp floor_step(const Situation& s) {
  const Activity& activity = s.activity;
  if (s.spec().min > 0)
    return {.kind = ClampKind::min, .number = static_cast<double>(s.spec().min)};
  if (activity.forced) return {.kind = ClampKind::force_activation};
  if (activity.active) return {.kind = ClampKind::activation};
  return {.kind = activity.last_active ? ClampKind::cooldown : ClampKind::initial_cooldown};
}

void keep_bounds(const Situation& s, Track& track) {
  track.move(std::max(track.number(), s.spec().floor()), floor_step(s));
  track.move(std::min(track.number(), s.spec().max),
             {.kind = ClampKind::max, .number = static_cast<double>(s.spec().max)});
}

// Crossing min or max is corrected at once, whatever the metrics say.
bool crosses_bounds(const Situation& s) {
  const Replicas current = s.in.current();
  return !s.in.starts() && (current > s.spec().max || current < s.spec().floor());
}

// The HPA's way between 1 and N. Returns the recommendation, where there is one.
std::optional<Replicas> scale_by_metrics(const Situation& s, Track& track) {
  start_from_winner(s, track);
  if (hold(s, track)) {
    keep_bounds(s, track);
    return std::nullopt;
  }
  const Replicas wanted = track.number();
  stabilize(s, track);
  limit_pace(s, track);
  keep_bounds(s, track);
  return wanted;
}

// --- zero, idle, pauses

// Inactive, and at zero or idle, or on the way there: KEDA's step, without stabilisation and
// policies.
void rest(const Situation& s, Track& track) {
  start_from_winner(s, track);
  const bool to_idle = s.activity.phase == Phase::leaving && s.spec().idle;
  if (to_idle) {
    track.move(s.activity.rest,
               {.kind = ClampKind::idle, .number = static_cast<double>(*s.spec().idle)});
  }
  track.move(s.activity.rest, {.kind = ClampKind::activation});
}

// Whether KEDA raises an inactive workload to its minimum, which its pauses did not stop.
bool spared_by_pauses(const Situation& s) {
  return s.spec().keda.pauses_spare_minimum && !s.activity.active && !s.spec().idle &&
         s.in.current() < s.spec().min;
}

// Pauses apply to every write.
void apply_pauses(const Situation& s, Track& track) {
  const Spec& spec = s.spec();
  const Replicas current = s.in.current();
  if (spec.paused_replicas) {
    return track.move(
        *spec.paused_replicas,
        {.kind = ClampKind::paused_replicas, .number = static_cast<double>(*spec.paused_replicas)});
  }
  if (spec.paused) return track.move(current, {.kind = ClampKind::paused});
  if (spec.paused_scale_in)
    track.move(std::max(track.number(), current), {.kind = ClampKind::paused_scale_in});
  if (spec.paused_scale_out && !spared_by_pauses(s))
    track.move(std::min(track.number(), current), {.kind = ClampKind::paused_scale_out});
}

// --- the whole

// Starting a workload is KEDA's step: only what the HPA would add to it counts.
Replicas counted_change(const Situation& s, Replicas to) {
  const std::int64_t change = std::int64_t{to} - s.in.count();
  if (s.in.starts() && change < 0) return 0;
  return hpa::to_replicas(change);
}

void leave_scaled(const Situation& s, std::optional<Replicas> recommended, Replicas to) {
  History& next = s.next;
  next.recommended.reset();
  if (recommended) {
    next.recommended = {.at = s.in.now, .replicas = *recommended};
    note_recommendation(s, *next.recommended);
  }
  next.window->change = hpa::to_replicas(std::int64_t{next.window->change} + counted_change(s, to));
}

// A step of its own, without a recommendation; the next one may follow at once.
void leave_crossing(const Situation& s, Replicas to) {
  History& next = s.next;
  next.recommended.reset();
  next.window->change = hpa::to_replicas(std::int64_t{next.window->change} + counted_change(s, to));
  const Timestamp at = s.in.now;
  if (next.window->change != 0) next.window->start = at;
  close_window(s.spec(), next);
}

void decide_scaled(const Situation& s, Track& track) {
  bring_up_to_date(s);
  if (s.activity.phase == Phase::cooling) track.look_again(s.activity.rest_at);
  if (crosses_bounds(s)) {
    track.start(s.in.current());
    keep_bounds(s, track);
    apply_pauses(s, track);
    if (track.number() != s.in.current()) track.look_again(s.in.now + at_once);
    return leave_crossing(s, track.number());
  }
  const auto recommended = scale_by_metrics(s, track);
  apply_pauses(s, track);
  leave_scaled(s, recommended, track.number());
}

// KEDA's own steps between 1 and N: it starts the workload, and raises an inactive one to its
// minimum; its pauses stop both. The rest is the HPA's.
void decide_beside_hpa(const Situation& s, Track& track) {
  if (s.activity.phase == Phase::cooling) track.look_again(s.activity.rest_at);
  start_from_winner(s, track);
  track.move(s.in.current(), {.kind = ClampKind::left_to_hpa});
  const bool starts = s.activity.active && s.in.starts();
  const bool raises = !s.activity.active && !s.spec().idle && s.in.current() < s.spec().min;
  if (starts || raises) track.move(s.spec().floor(), floor_step(s));
  apply_pauses(s, track);
  close_window(s.spec(), s.next);
  forget_past(s.next);
}

void decide_resting(const Situation& s, Track& track) {
  rest(s, track);
  apply_pauses(s, track);
  close_window(s.spec(), s.next);
  forget_past(s.next);
}

void decide_unpaused(const Situation& s, Track& track) {
  const bool by_metrics = s.activity.phase <= Phase::cooling;
  if (!by_metrics) return decide_resting(s, track);
  s.spec().hpa_scales ? decide_beside_hpa(s, track) : decide_scaled(s, track);
}

// Nobody scales while paused; what would be the outcome is said all the same.
void decide_pinned(const Situation& s, Track& track) {
  decide_unpaused(s, track);
  s.next.window.reset();
  s.next.events.up.clear();
  s.next.events.down.clear();
  forget_past(s.next);
}

// Everything that is not filled in by later steps.
void begin(const Inputs& in, Decision& decision) {
  decision.at = in.now;
  decision.from = in.current();
  decision.winner.reset();
  decision.clamps.clear();
  decision.again_at.reset();
}

void carry(const History& history, History& next) {
  next.recommended = history.recommended;
  next.highs = history.highs;
  next.lows = history.lows;
  next.events = history.events;
  next.window = history.window;
  next.seeded = history.seeded;
}

}  // namespace

Outcome decide(const Spec& spec, std::span<const Reading> readings, const Workload& workload,
               const History& history, Timestamp now, Outcome recycled) {
  CHECK(readings.size() == spec.triggers.size());
  const Inputs in{spec, readings, workload, history, now};
  Outcome out = std::move(recycled);
  Decision& decision = out.decision;
  begin(in, decision);
  Track track(decision);
  track.look_again(propose(in, decision.proposals));
  decision.winner = largest(decision.proposals);
  carry(history, out.next);
  const Situation s{in, decision, judge(in, decision.proposals), out.next};
  if (pinned(spec)) {
    decide_pinned(s, track);
    decision.again_at.reset();
  } else {
    decide_unpaused(s, track);
  }
  decision.to = track.number();
  decision.active = s.activity.active;
  decision.phase = s.activity.phase;
  decision.ever_active = s.activity.last_active.has_value();
  decision.inactive_since = s.activity.active ? std::nullopt : std::optional(s.activity.since);
  remember(in, decision.proposals, out.next.held);
  out.next.active = s.activity.active;
  out.next.last_active = s.activity.last_active;
  return out;
}

void forget_change(const History& before, History& next) {
  next.events = before.events;
  if (next.window) {
    const bool same = before.window && before.window->start == next.window->start;
    next.window->change = same ? before.window->change : 0;
  }
}

}  // namespace scale
