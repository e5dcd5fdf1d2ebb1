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

bool says_nothing_fresh(const Proposal& p) {
  return !is_fresh(p.basis) && p.basis != Basis::ignored;
}

// The reading_text of the first trigger that is missing and not ignored.
std::string missing_text(const Decision& decision, const Spec& spec) {
  const auto found = std::ranges::find_if(decision.proposals, says_nothing_fresh);
  if (found == decision.proposals.end())
    return decision.proposals.empty() ? "no triggers" : "no data, and every trigger is ignored";
  return reading_text(trigger_of(spec, found->trigger), found->reading, decision.at);
}

std::string incomplete_text(const Decision& decision, const Spec& spec) {
  const auto found = std::ranges::find_if(decision.proposals, [](const Proposal& p) {
    return p.basis == Basis::value && !p.reading.complete;
  });
  if (found == decision.proposals.end()) return "just started";
  return fmt::format("just started, {} has not seen its whole window yet",
                     trigger_of(spec, found->trigger).name);
}

// "inactive for 10s (cooldown 30s)"; "never active in 10s (initial cooldown 30s)".
std::string idleness_text(const Decision& decision, const Spec& spec) {
  const Duration since = decision.at - decision.inactive_since.value_or(decision.at);
  const auto [words, name, wait] =
      decision.ever_active
          ? std::tuple("inactive for", "cooldown", spec.cooldown)
          : std::tuple("never active in", "initial cooldown", spec.initial_cooldown);
  return fmt::format("{} {} ({} {})", words, base::format_duration(since), name,
                     base::format_duration(wait));
}

std::string policy_text(const Clamp& clamp) {
  const char* direction = clamp.before > clamp.after ? "scale-up" : "scale-down";
  const double number = clamp.number;
  if (clamp.unit == Clamp::Unit::none) {
    if (number == 0) return fmt::format("{} is disabled by its selectPolicy", direction);
    return fmt::format("{} policies allow {} now", direction, number_text(number));
  }
  const char* unit = clamp.unit == Clamp::Unit::percent ? "%" : number == 1 ? " pod" : " pods";
  return fmt::format("{} policy allows {}{} per {}", direction, number_text(number), unit,
                     base::format_duration(clamp.span));
}

std::string holding(const Decision& decision, const Spec& spec, Replicas replicas) {
  return missing_text(decision, spec) + ": holding " + count_text(replicas);
}

// "queue-depth is 42"; what is said instead where it is missing.
std::string winner_text(const Proposal& best, const TriggerSpec& trigger, Timestamp now) {
  const std::string read = reading_text(trigger, best.reading, now);
  if (best.basis == Basis::zero) return read + ", which counts as 0";
  if (best.basis == Basis::stated)
    return fmt::format("{}, which counts as {}", read, number_text(best.used));
  if (best.basis == Basis::fallback)
    return fmt::format("{}, {} failures: fallback", read, best.failures);
  return read;
}

std::string target_text(const TriggerSpec& trigger) {
  return fmt::format("target {}{}", number_text(trigger.target),
                     trigger.metric_type == MetricType::average_value ? " per replica" : "");
}

// What the data say, before anything else has a say.
std::string wish_text(const Decision& decision, const Spec& spec) {
  if (const Clamp* held = clamp_of(decision, ClampKind::hold))
    return holding(decision, spec, held->after);
  if (!decision.winner) return holding(decision, spec, decision.from);
  const Proposal& best = decision.proposals[*decision.winner];
  const TriggerSpec trigger = trigger_of(spec, best.trigger);
  const std::string read = winner_text(best, trigger, decision.at);
  const std::string asked =
      count_text(decision.clamps.empty() ? decision.to : decision.clamps.front().before);
  if (best.held) return fmt::format("{}: holding {}", read, asked);
  const std::string series = series_text(best);
  return fmt::format("{} ({}{}{}): {}", read, target_text(trigger), series.empty() ? "" : ", ",
                     series, asked);
}

bool is_bound(const Clamp& clamp) {
  return clamp.kind == ClampKind::min || clamp.kind == ClampKind::max;
}

// Whether a bound was crossed and corrected without asking the metrics.
bool crossed(const Decision& decision) {
  return !decision.clamps.empty() && is_bound(decision.clamps.front()) &&
         decision.clamps.front().before == decision.from && decision.from > 0;
}

// "queue-depth is 420 (target 10 per replica): 42 replicas; max replicas is 10: 10 replicas"
std::string scaled_text(const Decision& decision, const Spec& spec) {
  const auto& clamps = decision.clamps;
  if (crossed(decision)) {
    return fmt::format("{}: {}", detail_text(clamps.back(), decision, spec),
                       count_text(decision.to));
  }
  const std::string wish = wish_text(decision, spec);
  if (clamps.empty() || clamps.back().kind == ClampKind::hold) return wish;
  return fmt::format("{}; {}: {}", wish, detail_text(clamps.back(), decision, spec),
                     count_text(decision.to));
}

std::string resting_text(const Decision& decision, const Spec& spec) {
  if (some_missing(voters(spec, decision.proposals)) || !decision.winner)
    return holding(decision, spec, decision.to);
  const Proposal& best = decision.proposals[*decision.winner];
  const TriggerSpec trigger = trigger_of(spec, best.trigger);
  return fmt::format("{}, not above activation {}: {}", winner_text(best, trigger, decision.at),
                     number_text(trigger.activation), count_text(decision.to));
}

std::string paused_text(const Decision& decision) {
  const std::string text = "paused: " + count_text(decision.to);
  return decision.clamps.empty()
             ? text
             : fmt::format("{} instead of {}", text, decision.clamps.back().before);
}

}  // namespace

void tell(Decision& decision, const Spec& spec) {
  decision.reason = reason_text(decision, spec);
  for (Clamp& clamp : decision.clamps) clamp.detail = detail_text(clamp, decision, spec);
}

std::string reason_text(const Decision& decision, const Spec& spec) {
  if (spec.paused || spec.paused_replicas) return paused_text(decision);
  const bool scale_in_paused = clamp_of(decision, ClampKind::paused_scale_in) != nullptr;
  if (decision.phase == Phase::leaving && !scale_in_paused)
    return fmt::format("{}: scaled to {}", idleness_text(decision, spec), decision.to);
  if (decision.phase == Phase::resting) return resting_text(decision, spec);
  return scaled_text(decision, spec);
}

std::string detail_text(const Clamp& clamp, const Decision& decision, const Spec& spec) {
  const auto number = [&] { return number_text(clamp.number); };
  switch (clamp.kind) {
    case ClampKind::tolerance:
      return number() + " times what they carry is within tolerance";
    case ClampKind::stabilization:
      return fmt::format("{} is stabilized over {}",
                         clamp.before < clamp.after ? "scale-down" : "scale-up",
                         base::format_duration(clamp.span));
    case ClampKind::policy:
      return policy_text(clamp);
    case ClampKind::growth:
      return fmt::format("growth is limited to {} within {}", number(),
                         base::format_duration(clamp.span));
    case ClampKind::min:
      return "min replicas is " + number();
    case ClampKind::max:
      return "max replicas is " + number();
    case ClampKind::activation:
      return clamp.after > clamp.before ? "at least 1 replica while active"
                                        : "no trigger is above its activation";
    case ClampKind::cooldown:
    case ClampKind::initial_cooldown:
      return idleness_text(decision, spec);
    case ClampKind::idle:
      return "idle replicas is " + number();
    case ClampKind::hold:
      return missing_text(decision, spec);
    case ClampKind::just_started:
      return incomplete_text(decision, spec);
    case ClampKind::paused:
      return "paused";
    case ClampKind::paused_replicas:
      return "paused at " + count_text(clamp.after);
    case ClampKind::paused_scale_in:
      return "scale-in is paused";
    case ClampKind::paused_scale_out:
      return "scale-out is paused";
    case ClampKind::force_activation:
      return "activation is forced";
    case ClampKind::left_to_hpa:
      return "the HPA scales between 1 and the maximum";
  }
  return {};
}

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

TriggerSpec trigger_of(const Spec& spec, std::size_t index) {
  if (index < spec.triggers.size()) return spec.triggers[index];
  if (spec.modifiers && index == spec.triggers.size()) {
    return {.name = "composite-metric",
            .type = "scalingModifiers",
            .query = spec.modifiers->text,
            .target = spec.modifiers->target,
            .activation = spec.modifiers->activation,
            .metric_type = spec.modifiers->metric_type};
  }
  return {.name = fmt::format("trigger {}", index)};
}

std::string reading_text(const TriggerSpec& trigger, const Reading& reading, Timestamp now) {
  switch (reading.state) {
    case Reading::State::value:
      if (usable(reading)) return fmt::format("{} is {}", trigger.name, number_text(reading.value));
      break;
    case Reading::State::absent:
      return fmt::format("no data yet from {} (absent)", trigger.name);
    case Reading::State::stale:
      if (reading.ended) {
        return fmt::format("{} has ended (no data for {})", trigger.name,
                           base::format_duration(now - reading.newest));
      }
      return fmt::format("no data for {} from {} (stale)",
                         base::format_duration(now - reading.newest), trigger.name);
    case Reading::State::error:
      return fmt::format("no data from {} (error: {})", trigger.name, reading.error.view());
    case Reading::State::not_a_number:
      break;
  }
  return fmt::format("{} is not a number", trigger.name);
}

std::string series_text(const Proposal& proposal) {
  if (proposal.basis != Basis::value || proposal.series_before == 0 ||
      proposal.series_before == proposal.reading.series)
    return {};
  return fmt::format("series {} -> {}", proposal.series_before, proposal.reading.series);
}

}  // namespace scale
