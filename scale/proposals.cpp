#include "scale/proposals.h"

#include <algorithm>
#include <cmath>

#include "scale/arithmetic.h"

namespace scale {
namespace {

// The history of trigger `index`, found by name where names moved.
const History::Held* held_by(const History& history, const TriggerSpec& trigger,
                             std::size_t index) {
  const auto& all = history.held;
  const bool in_place =
      index < all.size() && (all[index].trigger.empty() || all[index].trigger == trigger.name);
  if (in_place) return &all[index];
  const auto found = std::ranges::find(all, trigger.name, &History::Held::trigger);
  return found == all.end() ? nullptr : &*found;
}

Proposal from_value(const Spec& spec, const TriggerSpec& trigger, const Reading& reading,
                    Replicas current) {
  const Tolerance tolerance{.down = spec.down.tolerance, .up = spec.up.tolerance};
  return {.reading = reading,
          .active = reading.value > trigger.activation,
          .replicas = ask(reading.value, trigger.target, current, tolerance).proposed};
}

Proposal from_history(const Reading& reading, const History::Held* held) {
  if (!held) return {.reading = reading};
  return {.reading = reading,
          .active = held->active,
          .held = held->replicas.has_value(),
          .replicas = held->replicas};
}

bool forbids_rest(const Proposal& proposal) {
  if (usable(proposal.reading)) return false;
  const bool silent_after_inactive =
      proposal.reading.state == Reading::State::stale && proposal.held && !proposal.active;
  return !silent_after_inactive;
}

}  // namespace

bool usable(const Reading& reading) {
  return reading.state == Reading::State::value && std::isfinite(reading.value);
}

std::vector<Proposal> propose(const Spec& spec, std::span<const Reading> readings, Replicas current,
                              const History& history) {
  std::vector<Proposal> proposals;
  proposals.reserve(spec.triggers.size());
  for (std::size_t i = 0; i < spec.triggers.size(); ++i) {
    const TriggerSpec& trigger = spec.triggers[i];
    proposals.push_back(usable(readings[i])
                            ? from_value(spec, trigger, readings[i], current)
                            : from_history(readings[i], held_by(history, trigger, i)));
    proposals.back().trigger = i;
  }
  return proposals;
}

std::optional<std::size_t> largest(std::span<const Proposal> proposals) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    if (!proposals[i].replicas) continue;
    if (!best || *proposals[i].replicas > *proposals[*best].replicas) best = i;
  }
  return best;
}

std::vector<History::Held> remember(const Spec& spec, std::span<const Proposal> proposals,
                                    const History& history, Timestamp now) {
  std::vector<History::Held> held(proposals.size());
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    const TriggerSpec& trigger = spec.triggers[i];
    if (usable(proposals[i].reading)) {
      held[i] = {.replicas = proposals[i].replicas, .active = proposals[i].active, .at = now};
    } else if (const auto* before = held_by(history, trigger, i)) {
      held[i] = *before;
    }
    held[i].trigger = trigger.name;
  }
  return held;
}

bool some_missing(std::span<const Proposal> proposals) {
  return proposals.empty() ||
         std::ranges::any_of(proposals, [](const Proposal& p) { return !usable(p.reading); });
}

bool rest_forbidden(std::span<const Proposal> proposals) {
  return proposals.empty() || std::ranges::any_of(proposals, forbids_rest);
}

}  // namespace scale
