#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "scale/explain.h"
#include "scale/members.h"

namespace scale {
namespace {

using members::bad;

json::Object reading_to_json(const Reading& reading, Timestamp at) {
  json::Object out;
  out["state"] = to_string(reading.state);
  if (reading.state == Reading::State::value && std::isfinite(reading.value))
    out["value"] = reading.value;
  if (reading.newest != Timestamp{}) {
    out["newest"] = base::format_time_ns(reading.newest);
    out["age_s"] = base::seconds(at - reading.newest);
  }
  out["series"] = reading.series;
  if (!reading.complete) out["incomplete"] = true;
  if (reading.ended) out["ended"] = true;
  if (!reading.error.empty()) out["error"] = reading.error.view();
  return out;
}

json::Object trigger_to_json(const Spec& spec, std::size_t index) {
  json::Object out;
  out["index"] = index;
  if (index >= spec.triggers.size() + (spec.modifiers ? 1 : 0)) return out;
  const TriggerSpec trigger = trigger_of(spec, index);
  out["trigger"] = trigger.name;
  out["type"] = trigger.type;
  out["query"] = trigger.query;
  out["target"] = trigger.target;
  out["activation"] = trigger.activation;
  return out;
}

// What goes without saying.
Basis usual_basis(const Proposal& proposal) {
  if (proposal.reading.state == Reading::State::value) return Basis::value;
  return proposal.held ? Basis::held : Basis::nothing;
}

json::Value proposal_to_json(const Proposal& proposal, const Spec& spec, Timestamp at) {
  json::Object out = trigger_to_json(spec, proposal.trigger);
  for (const auto& member : reading_to_json(proposal.reading, at)) out.insert(member);
  out["active"] = proposal.active;
  out["held"] = proposal.held;
  if (proposal.basis != usual_basis(proposal)) out["basis"] = to_string(proposal.basis);
  if (proposal.replicas) out["replicas"] = *proposal.replicas;
  if (proposal.used != 0 && proposal.basis != Basis::value) out["used"] = proposal.used;
  if (proposal.failures != 0) out["failures"] = proposal.failures;
  if (proposal.series_before != 0) out["series_before"] = proposal.series_before;
  return out;
}

json::Value clamp_to_json(const Clamp& clamp) {
  json::Object out;
  out["kind"] = to_string(clamp.kind);
  out["before"] = clamp.before;
  out["after"] = clamp.after;
  out["detail"] = clamp.detail;
  if (clamp.unit != Clamp::Unit::none)
    out["unit"] = clamp.unit == Clamp::Unit::pods ? "pods" : "percent";
  if (std::isfinite(clamp.number) && clamp.number != 0) out["number"] = clamp.number;
  if (clamp.span != Duration{}) out["span_ns"] = clamp.span.count();
  return out;
}

Result<Reading> reading_from_json(const json::Value& value) {
  TRY(const std::string name, members::text(value, "state"));
  const auto state = reading_state(name);
  if (!state) return bad("state");
  Reading reading{.state = *state,
                  .complete = !json::bool_at(value, "incomplete").value_or(false),
                  .ended = json::bool_at(value, "ended").value_or(false),
                  .error = json::text_at(value, "error").value_or("")};
  if (*state == Reading::State::value) {
    // A value that JSON cannot hold was left out.
    reading.value =
        json::number_at(value, "value").value_or(std::numeric_limits<double>::quiet_NaN());
  }
  if (json::find(value, "newest")) {
    TRY(reading.newest, members::time(value, "newest"));
  }
  TRY(reading.series, members::integer<std::uint32_t>(value, "series"));
  return reading;
}

Result<Basis> basis_from_json(const json::Value& value, const Proposal& proposal) {
  if (const auto name = json::text_at(value, "basis")) {
    if (const auto basis = basis_named(*name)) return *basis;
    return bad("basis");
  }
  return usual_basis(proposal);
}

Result<Proposal> proposal_from_json(const json::Value& value) {
  Proposal proposal;
  TRY(proposal.trigger, members::integer<std::size_t>(value, "index"));
  TRY(proposal.reading, reading_from_json(value));
  TRY(proposal.active, members::flag(value, "active"));
  TRY(proposal.held, members::flag(value, "held"));
  TRY(proposal.replicas, members::optional_integer<Replicas>(value, "replicas"));
  TRY(proposal.basis, basis_from_json(value, proposal));
  proposal.used = proposal.basis == Basis::value ? proposal.reading.value
                                                 : json::number_at(value, "used").value_or(0);
  TRY(proposal.failures, members::integer_or_zero<std::int32_t>(value, "failures"));
  TRY(proposal.series_before, members::integer_or_zero<std::uint32_t>(value, "series_before"));
  return proposal;
}

Result<Clamp::Unit> unit_from_json(const json::Value& value) {
  const auto unit = json::text_at(value, "unit");
  if (!unit) return Clamp::Unit::none;
  if (*unit == "pods") return Clamp::Unit::pods;
  if (*unit == "percent") return Clamp::Unit::percent;
  return bad("unit");
}

Result<Clamp> clamp_from_json(const json::Value& value) {
  TRY(const std::string name, members::text(value, "kind"));
  const auto kind = clamp_kind(name);
  if (!kind) return bad("kind");
  Clamp clamp{.kind = *kind};
  TRY(clamp.before, members::integer<Replicas>(value, "before"));
  TRY(clamp.after, members::integer<Replicas>(value, "after"));
  TRY(clamp.unit, unit_from_json(value));
  clamp.number = json::number_at(value, "number").value_or(0);
  TRY(const auto span, members::integer_or_zero<std::int64_t>(value, "span_ns"));
  if (span < 0) return bad("span_ns");
  clamp.span = Duration{span};
  TRY(clamp.detail, members::text(value, "detail"));
  return clamp;
}

}  // namespace

json::Value to_json(const Decision& decision, const Spec& spec) {
  if (decision.reason.empty()) {
    Decision told = decision;
    tell(told, spec);
    return to_json(told, spec);
  }
  json::Object out;
  out["at"] = base::format_time_ns(decision.at);
  out["from"] = decision.from;
  out["to"] = decision.to;
  out["active"] = decision.active;
  if (decision.phase != Phase::scaled) out["phase"] = to_string(decision.phase);
  out["reason"] = decision.reason;
  if (decision.winner) out["winner"] = *decision.winner;
  if (decision.again_at) out["again_at"] = base::format_time_ns(*decision.again_at);
  if (decision.inactive_since)
    out["inactive_since"] = base::format_time_ns(*decision.inactive_since);
  if (decision.ever_active) out["ever_active"] = true;
  json::Array& proposals = out["proposals"].emplace_array();
  for (const auto& proposal : decision.proposals)
    proposals.push_back(proposal_to_json(proposal, spec, decision.at));
  json::Array& clamps = out["clamps"].emplace_array();
  for (const auto& clamp : decision.clamps) clamps.push_back(clamp_to_json(clamp));
  return out;
}

Result<Decision> decision_from_json(const json::Value& value) {
  Decision decision;
  TRY(decision.at, members::time(value, "at"));
  TRY(decision.from, members::integer<Replicas>(value, "from"));
  TRY(decision.to, members::integer<Replicas>(value, "to"));
  TRY(decision.active, members::flag(value, "active"));
  TRY(decision.reason, members::text(value, "reason"));
  TRY(decision.proposals, members::list(value, "proposals", proposal_from_json));
  TRY(decision.clamps, members::list(value, "clamps", clamp_from_json));
  if (json::find(value, "winner")) {
    TRY(decision.winner, members::integer<std::size_t>(value, "winner"));
    if (*decision.winner >= decision.proposals.size()) return bad("winner");
  }
  if (json::find(value, "again_at")) {
    TRY(decision.again_at, members::time(value, "again_at"));
  }
  if (json::find(value, "inactive_since")) {
    TRY(decision.inactive_since, members::time(value, "inactive_since"));
  }
  if (const auto name = json::text_at(value, "phase")) {
    const auto phase = phase_named(*name);
    if (!phase) return bad("phase");
    decision.phase = *phase;
  }
  decision.ever_active = json::bool_at(value, "ever_active").value_or(false);
  return decision;
}

}  // namespace scale
