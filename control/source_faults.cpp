#include "control/source_faults.h"

#include <fmt/format.h>

#include "control/external_metrics.h"
#include "scale/proposals.h"

namespace control {
namespace {

bool is_composite(const scale::Spec& spec, const scale::Proposal& proposal) {
  return proposal.trigger >= spec.triggers.size();
}

// A failure for which the manifest has a number, or which it ignores, is no trouble.
bool fails(const scale::Proposal& proposal) {
  return proposal.reading.state == scale::ReadingState::error && scale::is_fault(proposal);
}

std::string name_of(const scale::Spec& spec, const scale::Proposal& proposal) {
  return is_composite(spec, proposal) ? std::string(composite_metric)
                                      : spec.triggers[proposal.trigger].name;
}

}  // namespace

std::vector<SourceFault> SourceFaults::see(const scale::Spec& spec,
                                           const scale::Decision& decision) {
  const std::string_view reason = spec.modifiers ? "KEDAMetricSourceFailed" : "KEDAScalerFailed";
  std::set<std::string> failing;
  std::vector<SourceFault> fresh;
  for (const scale::Proposal& proposal : decision.proposals) {
    if (!fails(proposal) || (is_composite(spec, proposal) && !failing.empty())) continue;
    std::string name = name_of(spec, proposal);
    if (!failing_.contains(name))
      fresh.push_back({reason, fmt::format("{}: {}", name, proposal.reading.error.view())});
    failing.insert(std::move(name));
  }
  failing_ = std::move(failing);
  return fresh;
}

}  // namespace control
