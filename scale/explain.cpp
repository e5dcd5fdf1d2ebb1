#include "scale/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "scale/words.h"

namespace scale {
namespace {

// A decision may be older than the specification it is told with.
TriggerSpec trigger_of(const Spec& spec, std::size_t index) {
  if (index < spec.triggers.size()) return spec.triggers[index];
  return {.name = fmt::format("trigger {}", index)};
}

std::string value_text(const Reading& reading) {
  if (reading.state == Reading::State::value) return "value " + number_text(reading.value);
  if (reading.state == Reading::State::error) return fmt::format("error ({})", reading.error);
  return std::string(to_string(reading.state));
}

std::string age_text(const Reading& reading, Timestamp now) {
  if (reading.newest == Timestamp{}) return {};
  return fmt::format(", age {}", base::format_duration(now - reading.newest));
}

std::string proposal_text(const Proposal& proposal) {
  const char* activity = proposal.active ? "active" : "inactive";
  if (!proposal.replicas) return fmt::format("{}, proposes nothing", activity);
  return fmt::format("{}, {} {}", activity, proposal.held ? "holds" : "proposes",
                     count_text(*proposal.replicas));
}

void append_trigger(std::string& out, const Decision& decision, const Spec& spec, std::size_t i) {
  const Proposal& proposal = decision.proposals[i];
  const TriggerSpec trigger = trigger_of(spec, proposal.trigger);
  fmt::format_to(std::back_inserter(out), "  {} {}: {}{}, target {}, activation {}: {}\n",
                 decision.winner == i ? '*' : ' ', trigger.name, value_text(proposal.reading),
                 age_text(proposal.reading, decision.at), number_text(trigger.target),
                 number_text(trigger.activation), proposal_text(proposal));
}

void append_clamp(std::string& out, const Clamp& clamp) {
  fmt::format_to(std::back_inserter(out), "    {}: {} -> {} ({})\n", to_string(clamp.kind),
                 clamp.before, clamp.after, clamp.detail);
}

bool same_proposal(const Proposal& a, const Proposal& b) {
  return a.trigger == b.trigger && a.reading.state == b.reading.state &&
         a.reading.error == b.reading.error && a.active == b.active && a.held == b.held;
}

}  // namespace

std::string explain_text(const Decision& decision, const Spec& spec) {
  std::string out =
      fmt::format("{}  {} -> {}  {}\n  {}\n", base::format_time(decision.at), decision.from,
                  decision.to, decision.active ? "active" : "inactive", decision.reason);
  if (!decision.proposals.empty()) out += "triggers (* the largest proposal):\n";
  for (std::size_t i = 0; i < decision.proposals.size(); ++i)
    append_trigger(out, decision, spec, i);
  if (!decision.clamps.empty()) out += "changed on the way:\n";
  for (const auto& clamp : decision.clamps) append_clamp(out, clamp);
  if (decision.again_at)
    out += fmt::format("looked at again by {}\n", base::format_time(*decision.again_at));
  return out;
}

bool same_story(const Decision& a, const Decision& b) {
  return a.from == b.from && a.to == b.to && a.active == b.active && a.winner == b.winner &&
         std::ranges::equal(a.clamps, b.clamps, {}, &Clamp::kind, &Clamp::kind) &&
         std::ranges::equal(a.proposals, b.proposals, same_proposal);
}

}  // namespace scale
