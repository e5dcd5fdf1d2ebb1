#include "scale/proposals.h"

#include <algorithm>
#include <cmath>

#include "scale/composite.h"
#include "scale/fallback.h"

namespace scale {
namespace {

using Action = OnMissing::Action;
using State = Reading::State;

const OnMissing& policy_of(const TriggerSpec& trigger, const Reading& reading) {
  return trigger.on(reading.state == State::value ? State::not_a_number : reading.state);
}

// Its source says that there is nothing. While the window has not filled, others may be there that
// have not said anything yet.
bool proves_zero(const Reading& reading) {
  return reading.ended && reading.complete;
}

// One trigger on its way to a proposal.
class Proposer {
 public:
  Proposer(const Inputs& in, std::size_t index, Proposal& out)
      : in_(in),
        trigger_(in.spec.triggers[index]),
        held_(held_by(in.history, trigger_key(trigger_.name), index)),
        out_(out) {
    out_ = {.trigger = index, .reading = in.readings[index]};
    if (held_) out_.series_before = held_->series;
  }

  std::optional<Timestamp> run() {
    if (usable(out_.reading)) {
      read(Basis::value, out_.reading.value);
      return std::nullopt;
    }
    const OnMissing& policy = policy_of(trigger_, out_.reading);
    switch (policy.action) {
      case Action::zero:
        read(Basis::zero, 0);
        break;
      case Action::value:
        read(Basis::stated, policy.value);
        break;
      case Action::ignore:
        out_.basis = Basis::ignored;
        break;
      case Action::fallback:
        return fall_back();
      case Action::hold:
        proves_zero(out_.reading) ? read(Basis::zero, 0) : hold_with_evidence();
        break;
    }
    return std::nullopt;
  }

 private:
  void read(Basis basis, double value) {
    out_.basis = basis;
    out_.used = value;
    out_.active = value > trigger_.activation;
    out_.replicas = ask(value, yardstick(in_, out_.trigger)).proposed;
  }

  void hold_with_evidence() {
    hold();
    const bool silent = out_.reading.state == State::stale && !out_.active;
    if (out_.held && silent) out_.basis = Basis::silent;
  }

  void hold() {
    if (!held_ || !held_->replicas) return;
    out_.basis = Basis::held;
    out_.held = true;
    out_.active = held_->active;
    out_.replicas = held_->replicas;
  }

  // Returns when fallback begins, if it has not.
  std::optional<Timestamp> fall_back() {
    const Fallback& fallback = *in_.spec.fallback;
    const bool failing = held_ && held_->failing_since.ns != 0;
    const Timestamp since = failing ? std::min(held_->failing_since, in_.now) : in_.now;
    out_.failures = failures(since, in_.spec.polling, in_.now);
    if (out_.failures <= fallback.failure_threshold) {
      hold();
      return fallback_begins(since, in_.spec.polling, fallback.failure_threshold);
    }
    if (in_.spec.modifiers) {  // the composite metric says what it means
      out_.basis = Basis::fallback;
      return std::nullopt;
    }
    const Replicas replicas = fallback_replicas(fallback, in_.current());
    const auto value = fallback_value({.target = trigger_.target,
                                       .type = trigger_.metric_type,
                                       .replicas = replicas,
                                       .ready = in_.workload.ready.value_or(in_.current())});
    if (!value) {
      hold();
      return std::nullopt;
    }
    read(Basis::fallback, *value);
    out_.active = replicas > 0 || in_.spec.keda.fallback_always_active;
    return std::nullopt;
  }

  const Inputs& in_;
  const TriggerSpec& trigger_;
  const History::Held* held_;
  Proposal& out_;
};

bool forbids_rest(const Spec& spec, const Proposal& proposal) {
  switch (proposal.basis) {
    case Basis::value:
      return !proposal.reading.complete;
    case Basis::held:
    case Basis::nothing:
      return proposal.failures == 0 || spec.fallback->replicas != 0;
    default:
      return false;
  }
}

bool is_ignored(const Proposal& proposal) {
  return proposal.basis == Basis::ignored;
}

}  // namespace

bool usable(const Reading& reading) {
  return reading.state == State::value && std::isfinite(reading.value);
}

bool is_fresh(Basis basis) {
  return basis <= Basis::fallback;
}

bool is_fault(const Proposal& proposal) {
  return proposal.basis == Basis::held || proposal.basis == Basis::nothing;
}

Yardstick yardstick(const Inputs& in, std::size_t trigger) {
  const bool composite = trigger >= in.spec.triggers.size();
  return {
      .target = composite ? in.spec.modifiers->target : in.spec.triggers[trigger].target,
      .type = composite ? in.spec.modifiers->metric_type : in.spec.triggers[trigger].metric_type,
      .current = in.count(),
      .base = in.base(),
      .ready = in.ready(),
      .tolerance = in.spec.tolerances()};
}

const History::Held* held_by(const History& history, std::uint64_t key, std::size_t index) {
  const auto& all = history.held;
  if (index < all.size() && (all[index].trigger == 0 || all[index].trigger == key))
    return &all[index];
  const auto found = std::ranges::find(all, key, &History::Held::trigger);
  return found == all.end() ? nullptr : &*found;
}

std::span<const Proposal> voters(const Spec& spec, std::span<const Proposal> proposals) {
  return spec.modifiers && !proposals.empty() ? proposals.last(1) : proposals;
}

std::optional<Timestamp> propose(const Inputs& in, std::vector<Proposal>& out) {
  out.resize(in.spec.triggers.size());
  std::optional<Timestamp> falls_back;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (const auto at = Proposer(in, i, out[i]).run())
      falls_back = std::min(falls_back.value_or(*at), *at);
  }
  if (in.spec.modifiers) compose(in, out);
  return falls_back;
}

std::optional<std::size_t> largest(std::span<const Proposal> proposals) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    if (!proposals[i].replicas) continue;
    if (!best || *proposals[i].replicas > *proposals[*best].replicas) best = i;
  }
  return best;
}

void remember(const Inputs& in, std::span<const Proposal> proposals,
              std::vector<History::Held>& held) {
  held.resize(proposals.size());
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    const Proposal& proposal = proposals[i];
    const bool composite = i == in.spec.triggers.size();
    const std::uint64_t key = composite ? composite_key : trigger_key(in.spec.triggers[i].name);
    const auto* before = held_by(in.history, key, i);
    const Timestamp failing_since = before ? before->failing_since : Timestamp{};
    if (proposal.basis == Basis::value || proposal.basis == Basis::zero) {
      held[i] = {.replicas = proposal.replicas,
                 .active = proposal.active,
                 .at = in.now,
                 .series = proposal.reading.series};
    } else {
      held[i] = before ? *before : History::Held{};
    }
    held[i].trigger = key;
    held[i].failing_since = {};
    if (proposal.failures > 0 && !composite)
      held[i].failing_since = failing_since.ns != 0 ? std::min(failing_since, in.now) : in.now;
  }
}

bool some_missing(std::span<const Proposal> proposals) {
  return std::ranges::all_of(proposals, is_ignored) ||
         std::ranges::any_of(
             proposals, [](const Proposal& p) { return !is_fresh(p.basis) && !is_ignored(p); });
}

bool some_incomplete(std::span<const Proposal> proposals) {
  return std::ranges::any_of(
      proposals, [](const Proposal& p) { return p.basis == Basis::value && !p.reading.complete; });
}

bool rest_forbidden(const Spec& spec, std::span<const Proposal> proposals) {
  return std::ranges::all_of(proposals, is_ignored) ||
         std::ranges::any_of(proposals, [&](const Proposal& p) { return forbids_rest(spec, p); });
}

}  // namespace scale
