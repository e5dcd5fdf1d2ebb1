#include "scale/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scale/proposals.h"

namespace scale {
namespace {

const Clamp* clamp_of(const Decision& decision, ClampKind kind) {
  const auto found = std::ranges::find(decision.clamps, kind, &Clamp::kind);
  return found == decision.clamps.end() ? nullptr : &*found;
}

std::string holding(const Spec& spec, const Decision& decision, Replicas replicas) {
  return missing_text(spec, decision.proposals, decision.at) + ": holding " + count_text(replicas);
}

// What the data say, before anything else has a say.
std::string wish_text(const Spec& spec, const Decision& decision) {
  if (const Clamp* hold = clamp_of(decision, ClampKind::hold))
    return holding(spec, decision, hold->after);
  if (!decision.winner) return holding(spec, decision, decision.from);
  const Proposal& best = decision.proposals[*decision.winner];
  const TriggerSpec& trigger = spec.triggers[best.trigger];
  const std::string read = reading_text(trigger, best.reading, decision.at);
  const std::string asked =
      count_text(decision.clamps.empty() ? decision.to : decision.clamps.front().before);
  if (best.held) return fmt::format("{}: holding {}", read, asked);
  return fmt::format("{} (target {} per replica): {}", read, number_text(trigger.target), asked);
}

// "queue-depth is 420 (target 10 per replica): 42 replicas; max replicas is 10: 10 replicas"
std::string scaled_text(const Spec& spec, const Decision& decision) {
  const std::string wish = wish_text(spec, decision);
  const auto& clamps = decision.clamps;
  if (clamps.empty() || clamps.back().kind == ClampKind::hold) return wish;
  return fmt::format("{}; {}: {}", wish, clamps.back().detail, count_text(decision.to));
}

std::string resting_text(const Spec& spec, const Decision& decision) {
  if (some_missing(decision.proposals)) return holding(spec, decision, decision.to);
  const Proposal& best = decision.proposals[*decision.winner];
  const TriggerSpec& trigger = spec.triggers[best.trigger];
  return fmt::format("{}, not above activation {}: {}",
                     reading_text(trigger, best.reading, decision.at),
                     number_text(trigger.activation), count_text(decision.to));
}

std::string paused_text(const Decision& decision) {
  const std::string text = "paused: " + count_text(decision.to);
  return decision.clamps.empty()
             ? text
             : fmt::format("{} instead of {}", text, decision.clamps.back().before);
}

}  // namespace

std::string count_text(Replicas replicas) {
  return fmt::format("{} {}", replicas, replicas == 1 ? "replica" : "replicas");
}

std::string number_text(double value) {
  if (!std::isfinite(value)) return fmt::format("{}", value);
  if (value != 0 && std::abs(value) < 0.001) return fmt::format("{:.3g}", value);
  if (std::abs(value) >= 1e15) return fmt::format("{}", value);
  std::string text = fmt::format("{:.3f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string reading_text(const TriggerSpec& trigger, const Reading& reading, Timestamp now) {
  switch (reading.state) {
    case Reading::State::value:
      if (usable(reading)) return fmt::format("{} is {}", trigger.name, number_text(reading.value));
      break;
    case Reading::State::absent:
      return fmt::format("no data yet from {} (absent)", trigger.name);
    case Reading::State::stale:
      return fmt::format("no data for {} from {} (stale)",
                         base::format_duration(now - reading.newest), trigger.name);
    case Reading::State::error:
      return fmt::format("no data from {} (error: {})", trigger.name, reading.error);
    case Reading::State::not_a_number:
      break;
  }
  return fmt::format("{} is not a number", trigger.name);
}

std::string idleness_text(const Spec& spec, const Activity& activity, Timestamp now) {
  const Duration wait = activity.last_active ? spec.cooldown : spec.initial_cooldown;
  const std::string since = base::format_duration(now - (activity.rest_at - wait));
  if (activity.last_active)
    return fmt::format("inactive for {} (cooldown {})", since, base::format_duration(wait));
  return fmt::format("never active in {} (initial cooldown {})", since,
                     base::format_duration(wait));
}

std::string missing_text(const Spec& spec, std::span<const Proposal> proposals, Timestamp now) {
  const auto found =
      std::ranges::find_if(proposals, [](const Proposal& p) { return !usable(p.reading); });
  if (found == proposals.end()) return "no triggers";
  return reading_text(spec.triggers[found->trigger], found->reading, now);
}

std::string reason_text(const Spec& spec, const Decision& decision, const Activity& activity) {
  if (spec.paused || spec.paused_replicas) return paused_text(decision);
  const bool scale_in_paused = clamp_of(decision, ClampKind::paused_scale_in) != nullptr;
  if (activity.mode == Activity::Mode::leaving && !scale_in_paused) {
    return fmt::format("{}: scaled to {}", idleness_text(spec, activity, decision.at), decision.to);
  }
  if (activity.mode == Activity::Mode::resting) return resting_text(spec, decision);
  return scaled_text(spec, decision);
}

}  // namespace scale
