#include "control/external_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "scale/proposals.h"
#include "scale/words.h"

namespace control {
namespace {

namespace hpa = scale::hpa;

bool equal_but_for_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// The place of the metric's proposal in a decision.
std::optional<std::size_t> place_of(const Plan& plan, const kube::Key& object,
                                    std::string_view metric) {
  if (plan.spec.modifiers) {
    if (!equal_but_for_case(metric, composite_metric)) return std::nullopt;
    return plan.spec.triggers.size();
  }
  const auto names = external_metric_names(plan, object);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (equal_but_for_case(names[i], metric)) return i;
  }
  return std::nullopt;
}

bool is_ignored(const scale::Proposal& proposal) {
  return proposal.basis == scale::Basis::ignored;
}

// An HPA takes a negative average for an overflow and asks for the maximum; it asks for nothing.
hpa::Milli to_milli(double value) {
  const double milli = std::trunc(value * 1000);
  if (!(milli > 0)) return 0;
  return milli >= static_cast<double>(hpa::milli_max) ? hpa::milli_max
                                                      : static_cast<hpa::Milli>(milli);
}

std::unexpected<Error> unavailable(const Plan& plan, const scale::Decision& decision,
                                   const scale::Proposal& proposal) {
  return fail(Code::unavailable, scale::reading_text(scale::trigger_of(plan.spec, proposal.trigger),
                                                     proposal.reading, decision.at));
}

}  // namespace

std::vector<std::string> external_metric_names(const Plan& plan, const kube::Key& object) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < plan.spec.triggers.size(); ++i) {
    names.push_back(fmt::format("s{}-{}-{}", i, object.ns, object.name));
  }
  return names;
}

Result<hpa::Milli> external_value(const Plan& plan, const kube::Key& object,
                                  const scale::Decision& decision, std::string_view metric) {
  const auto place = place_of(plan, object, metric);
  if (!place || *place >= decision.proposals.size()) {
    return fail(Code::not_found,
                fmt::format("ScaledObject {} has no metric \"{}\"", to_string(object), metric));
  }
  const scale::Proposal& proposal = decision.proposals[*place];
  if (is_ignored(proposal)) {
    const bool alone = std::ranges::all_of(decision.proposals, is_ignored);
    return alone ? Result<hpa::Milli>(unavailable(plan, decision, proposal)) : 0;
  }
  if (!scale::is_fresh(proposal.basis)) return unavailable(plan, decision, proposal);
  const bool raises = proposal.replicas && *proposal.replicas >= decision.from;
  if (proposal.basis == scale::Basis::value && !proposal.reading.complete && !raises) {
    return fail(Code::unavailable,
                fmt::format("{} has not seen its whole window yet: it may raise, not lower",
                            scale::trigger_of(plan.spec, proposal.trigger).name));
  }
  return to_milli(proposal.used);
}

}  // namespace control
