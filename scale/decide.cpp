#include "scale/decide.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "scale/activity.h"
#include "scale/arithmetic.h"
#include "scale/proposals.h"
#include "scale/rate_limit.h"
#include "scale/stabilize.h"
#include "scale/words.h"

namespace scale {
namespace {

using Mode = Activity::Mode;

// What every step of one decision reads.
struct Situation {
  const Spec& spec;
  const Workload& workload;
  const History& history;
  Timestamp now;
  std::vector<Proposal> proposals;
  std::optional<std::size_t> winner;
  Activity activity;

  Replicas current() const { return workload.replicas; }
  // The lowest count that the arithmetic between 1 and N may give, as of an HPA.
  Replicas floor() const { return std::max(spec.min, 1); }
  // Activation, and crossing min or max, are corrected at once; stabilisation and policies start
  // from here.
  Replicas base() const { return std::min(std::max(current(), floor()), spec.max); }
  Recommendations recommendations() const {
    return in_force(history.recommendations, current(), now);
  }
  Windows windows() const { return {.up = spec.up.stabilization, .down = spec.down.stabilization}; }
};

// The number on its way from the winner's wish to the outcome, with every step that changed it, and
// when to look again.
class Track {
 public:
  explicit Track(Timestamp now) : now_(now) {}

  void start(Replicas number) { number_ = number; }

  // `detail` is called only when this changes the number.
  template <class Detail>
  void move(ClampKind kind, Replicas after, Detail detail) {
    if (after == number_) return;
    clamps_.push_back({.kind = kind, .before = number_, .after = after, .detail = detail()});
    number_ = after;
  }

  // Only the future counts: what is over was looked at already.
  void look_again(std::optional<Timestamp> at) {
    if (at && *at > now_) again_at_ = std::min(again_at_.value_or(*at), *at);
  }

  Replicas number() const { return number_; }
  std::vector<Clamp> take_clamps() { return std::move(clamps_); }
  std::optional<Timestamp> again_at() const { return again_at_; }

 private:
  Timestamp now_;
  Replicas number_ = 0;
  std::vector<Clamp> clamps_;
  std::optional<Timestamp> again_at_;
};

Situation assess(const Spec& spec, std::span<const Reading> readings, const Workload& workload,
                 const History& history, Timestamp now) {
  Situation s{.spec = spec, .workload = workload, .history = history, .now = now};
  s.proposals = propose(spec, readings, workload.replicas, history);
  s.winner = largest(s.proposals);
  s.activity = judge(spec, s.proposals, workload, history, now);
  return s;
}

// What the winner asks for, and what tolerance makes of it.
void start_from_winner(const Situation& s, Track& track) {
  if (!s.winner) return;
  const Proposal& best = s.proposals[*s.winner];
  if (!usable(best.reading)) return track.start(*best.replicas);
  const Tolerance tolerance{.down = s.spec.down.tolerance, .up = s.spec.up.tolerance};
  const Ask asked =
      ask(best.reading.value, s.spec.triggers[best.trigger].target, s.current(), tolerance);
  track.start(asked.wanted);
  track.move(ClampKind::tolerance, asked.proposed, [&] {
    return fmt::format("{} times what they carry is within tolerance", number_text(asked.ratio));
  });
}

// A scale-down needs a reading from every trigger.
void hold(const Situation& s, Track& track) {
  if (!some_missing(s.proposals)) return;
  track.move(ClampKind::hold, std::max(track.number(), s.current()),
             [&] { return missing_text(s.spec, s.proposals, s.now); });
}

void stabilize_count(const Situation& s, Track& track) {
  const Replicas wanted = track.number();
  const Stabilized steady = stabilize(s.base(), wanted, s.recommendations(), s.windows(), s.now);
  track.look_again(steady.again_at);
  track.move(ClampKind::stabilization, steady.replicas, [&] {
    return wanted < steady.replicas
               ? "scale-down is stabilized over " + base::format_duration(s.spec.down.stabilization)
               : "scale-up is stabilized over " + base::format_duration(s.spec.up.stabilization);
  });
}

void limit_rate(const Situation& s, Track& track) {
  const Replicas wanted = track.number();
  const bool up = wanted > s.base();
  const auto limit = up ? limit_up(s.base(), s.spec.up, s.history.events, s.now)
                        : limit_down(s.base(), s.spec.down, s.history.events, s.now);
  if (!limit) return;
  const Replicas bounded =
      up ? std::min(wanted, limit->replicas) : std::max(wanted, limit->replicas);
  if (bounded != wanted) track.look_again(limit->again_at);
  track.move(ClampKind::policy, bounded, [&] { return limit->detail; });
}

void raise_to_floor(const Situation& s, Track& track) {
  const Activity& activity = s.activity;
  const auto kind = s.spec.min > 0         ? ClampKind::min
                    : activity.forced      ? ClampKind::force_activation
                    : activity.active      ? ClampKind::activation
                    : activity.last_active ? ClampKind::cooldown
                                           : ClampKind::initial_cooldown;
  track.move(kind, std::max(track.number(), s.floor()), [&]() -> std::string {
    if (kind == ClampKind::min) return fmt::format("min replicas is {}", s.spec.min);
    if (activity.forced) return "activation is forced";
    return activity.active ? "at least 1 replica while active"
                           : idleness_text(s.spec, activity, s.now);
  });
}

// The HPA's way between 1 and N.
void scale_by_metrics(const Situation& s, Track& track) {
  stabilize_count(s, track);
  limit_rate(s, track);
  raise_to_floor(s, track);
  track.move(ClampKind::max, std::min(track.number(), s.spec.max),
             [&] { return fmt::format("max replicas is {}", s.spec.max); });
  if (s.activity.cooling) track.look_again(s.activity.rest_at);
}

// Inactive, and at zero or idle, or on the way there: KEDA's step, without stabilisation and
// policies.
void rest(const Situation& s, Track& track) {
  const bool to_idle = s.activity.mode == Mode::leaving && s.spec.idle;
  track.move(to_idle ? ClampKind::idle : ClampKind::activation, s.activity.rest,
             [&]() -> std::string {
               return to_idle ? fmt::format("idle replicas is {}", *s.spec.idle)
                              : "no trigger is above its activation";
             });
}

// Paused in both directions: time changes nothing.
bool pinned(const Spec& spec) {
  return spec.paused || spec.paused_replicas;
}

// Pauses apply to every write.
void apply_pauses(const Situation& s, Track& track) {
  const Spec& spec = s.spec;
  if (spec.paused_replicas) {
    return track.move(ClampKind::paused_replicas, *spec.paused_replicas,
                      [&] { return "paused at " + count_text(*spec.paused_replicas); });
  }
  if (spec.paused)
    return track.move(ClampKind::paused, s.current(), [] { return std::string("paused"); });
  if (spec.paused_scale_in) {
    track.move(ClampKind::paused_scale_in, std::max(track.number(), s.current()),
               [] { return std::string("scale-in is paused"); });
  }
  if (spec.paused_scale_out) {
    track.move(ClampKind::paused_scale_out, std::min(track.number(), s.current()),
               [] { return std::string("scale-out is paused"); });
  }
}

// Whether fresh data asked for the number; a hold is no recommendation.
bool is_recommendation(const Situation& s) {
  if (std::ranges::none_of(s.proposals, [](const Proposal& p) { return usable(p.reading); }))
    return false;
  return !some_missing(s.proposals) || *s.proposals[*s.winner].replicas >= s.current();
}

// The change that scaling policies count. Leaving zero or idle is activation, going there is
// deactivation: neither counts.
Replicas counted_change(const Situation& s, Replicas to) {
  if (s.activity.mode != Mode::scaled || s.spec.paused_replicas || to == s.current()) return 0;
  const bool activated = s.current() < s.floor() && (s.current() == 0 || s.spec.idle);
  return to - (activated ? s.base() : s.current());
}

History remember(const Situation& s, Replicas wanted, Replicas to) {
  History next{.held = remember(s.spec, s.proposals, s.history, s.now),
               .active = s.activity.active,
               .last_active = s.activity.last_active};
  if (s.activity.mode == Mode::scaled) {
    next.recommendations = is_recommendation(s)
                               ? remember(s.recommendations(), wanted, s.windows(), s.now)
                               : s.history.recommendations;
  }
  next.events = remember(s.history.events, counted_change(s, to), s.spec.up, s.spec.down, s.now);
  return next;
}

}  // namespace

Outcome decide(const Spec& spec, std::span<const Reading> readings, const Workload& workload,
               const History& history, Timestamp now) {
  CHECK(readings.size() == spec.triggers.size());
  Situation s = assess(spec, readings, workload, history, now);
  Track track(now);
  start_from_winner(s, track);
  if (s.activity.mode == Mode::scaled) hold(s, track);
  const Replicas wanted = track.number();
  s.activity.mode == Mode::scaled ? scale_by_metrics(s, track) : rest(s, track);
  apply_pauses(s, track);

  Outcome outcome{.next = remember(s, wanted, track.number())};
  outcome.decision = {.at = now,
                      .from = workload.replicas,
                      .to = track.number(),
                      .active = s.activity.active,
                      .proposals = std::move(s.proposals),
                      .winner = s.winner,
                      .clamps = track.take_clamps(),
                      .again_at = pinned(spec) ? std::nullopt : track.again_at()};
  outcome.decision.reason = reason_text(spec, outcome.decision, s.activity);
  return outcome;
}

}  // namespace scale
