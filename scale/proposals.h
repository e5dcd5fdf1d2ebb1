#pragma once

// From readings to proposals, one per trigger: what each says, and what becomes of missing ones.
// Pure.

#include <optional>
#include <span>
#include <vector>

#include "scale/ask.h"
#include "scale/pace.h"
#include "scale/types.h"

namespace scale {

// What every step of one decision reads.
struct Inputs {
  const Spec& spec;
  std::span<const Reading> readings;  // one per spec.triggers
  const Workload& workload;
  const History& history;
  Timestamp now;

  Replicas current() const { return workload.replicas; }
  // Below this KEDA starts the workload: from zero, and with an idle count from below the minimum.
  bool starts() const { return current() == 0 || (spec.idle && current() < spec.min); }
  // The count that the arithmetic works with: what KEDA starts with, when it would.
  Replicas count() const { return starts() ? spec.floor() : current(); }
  // The count when the sync period began: limits and tolerance of an HPA's tick start there.
  Replicas base() const {
    const bool over = starts() || window_over(history, spec.sync_period, now);
    return over ? count() : history.window->base;
  }
  Replicas ready() const { return starts() ? spec.floor() : workload.ready.value_or(current()); }
};

// A finite value; everything else is missing data.
bool usable(const Reading& reading);

// Whether this number stands for what the source or the manifest says now, so that it may lower.
bool is_fresh(Basis basis);

// Whether somebody should look at the trigger: it is missing, and neither its source's silence nor
// the manifest explains that. KEDA's "error".
bool is_fault(const Proposal& proposal);

// One per trigger, in order, and with scalingModifiers one of the composite metric, into `out`.
// Returns when the first of them begins to fall back.
std::optional<Timestamp> propose(const Inputs& in, std::vector<Proposal>& out);

// What the proposal of that trigger, or of the composite metric, is compared with.
Yardstick yardstick(const Inputs& in, std::size_t trigger);

// The history of a trigger, found by its key where names moved; nullptr: there is none.
const History::Held* held_by(const History& history, std::uint64_t key, std::size_t index);

// Those that have a say: with scalingModifiers the composite metric alone.
std::span<const Proposal> voters(const Spec& spec, std::span<const Proposal> proposals);

// The largest proposal; the earliest of equals. None when nobody proposes.
std::optional<std::size_t> largest(std::span<const Proposal> proposals);

// What each proposal leaves for later, into `held`: its fresh proposal, or what was held before.
void remember(const Inputs& in, std::span<const Proposal> proposals,
              std::vector<History::Held>& held);

// Whether some trigger that is not ignored says nothing fresh: then the count between 1 and N is
// not lowered. True when nobody has a say.
bool some_missing(std::span<const Proposal> proposals);

// Whether some value does not yet look back as far as its window.
bool some_incomplete(std::span<const Proposal> proposals);

// Whether what is missing forbids going to zero or idle. Silence after a last value at or below
// activation does not: that value is the evidence; nor does a fallback to 0 replicas, begun or not.
// Absent (perhaps we just started), failed, garbled and incomplete readings do.
bool rest_forbidden(const Spec& spec, std::span<const Proposal> proposals);

}  // namespace scale
