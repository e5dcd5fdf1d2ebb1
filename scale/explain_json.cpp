#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "scale/explain.h"

namespace scale {
namespace {

// What a stored document may hold at most of anything.
constexpr std::size_t items_max = 10'000;

// Times lie between 1970 and 2160, so that no difference and no cooldown leaves the range of a
// time.
constexpr std::int64_t time_ns_max = 6'000'000'000'000'000'000;

bool is_plausible(Timestamp t) {
  return t.ns >= 0 && t.ns <= time_ns_max;
}

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
  if (!reading.error.empty()) out["error"] = reading.error;
  return out;
}

json::Object trigger_to_json(const Spec& spec, std::size_t index) {
  json::Object out;
  out["index"] = index;
  if (index >= spec.triggers.size()) return out;
  const TriggerSpec& trigger = spec.triggers[index];
  out["trigger"] = trigger.name;
  out["type"] = trigger.type;
  out["query"] = trigger.query;
  out["target"] = trigger.target;
  out["activation"] = trigger.activation;
  return out;
}

json::Value proposal_to_json(const Proposal& proposal, const Spec& spec, Timestamp at) {
  json::Object out = trigger_to_json(spec, proposal.trigger);
  for (const auto& member : reading_to_json(proposal.reading, at)) out.insert(member);
  out["active"] = proposal.active;
  out["held"] = proposal.held;
  if (proposal.replicas) out["replicas"] = *proposal.replicas;
  return out;
}

json::Value clamp_to_json(const Clamp& clamp) {
  json::Object out;
  out["kind"] = to_string(clamp.kind);
  out["before"] = clamp.before;
  out["after"] = clamp.after;
  out["detail"] = clamp.detail;
  return out;
}

std::unexpected<Error> bad(std::string_view member) {
  return fail(Code::bad_data, fmt::format("member \"{}\" is missing or wrong", member));
}

// Typed members of a stored object; an error names the member.
Result<std::string> text(const json::Value& value, std::string_view key) {
  if (auto found = json::text_at(value, key)) return *std::move(found);
  return bad(key);
}

Result<bool> flag(const json::Value& value, std::string_view key) {
  if (const auto found = json::bool_at(value, key)) return *found;
  return bad(key);
}

template <class Int>
Result<Int> integer(const json::Value& value, std::string_view key) {
  const auto found = json::int_at(value, key);
  if (!found || !std::in_range<Int>(*found)) return bad(key);
  return static_cast<Int>(*found);
}

Result<std::optional<Replicas>> optional_replicas(const json::Value& value, std::string_view key) {
  if (!json::find(value, key)) return std::nullopt;
  return integer<Replicas>(value, key);
}

Result<Timestamp> time(const json::Value& value, std::string_view key) {
  TRY(const std::string written, text(value, key));
  const auto parsed = base::parse_time(written);
  if (!parsed || !is_plausible(*parsed)) return bad(key);
  return *parsed;
}

Result<Timestamp> time_ns(const json::Value& value, std::string_view key) {
  TRY(const auto ns, integer<std::int64_t>(value, key));
  if (!is_plausible({ns})) return bad(key);
  return Timestamp{ns};
}

Result<const json::Array*> array(const json::Value& value, std::string_view key) {
  const json::Value* found = json::find(value, key);
  if (!found || !found->is_array() || found->get_array().size() > items_max) return bad(key);
  return &found->get_array();
}

// Every item of the array at `key`, read by `read`.
template <class Read>
auto list(const json::Value& value, std::string_view key, Read read)
    -> Result<std::vector<typename std::invoke_result_t<Read, const json::Value&>::value_type>> {
  TRY(const json::Array* items, array(value, key));
  std::vector<typename std::invoke_result_t<Read, const json::Value&>::value_type> out;
  out.reserve(items->size());
  for (const json::Value& item : *items) {
    auto read_item = read(item);
    if (!read_item) return fail(key, std::move(read_item).error());
    out.push_back(*std::move(read_item));
  }
  return out;
}

Result<Reading> reading_from_json(const json::Value& value) {
  TRY(const std::string name, text(value, "state"));
  const auto state = reading_state(name);
  if (!state) return bad("state");
  Reading reading{.state = *state, .error = json::text_at(value, "error").value_or("")};
  if (*state == Reading::State::value) {
    // A value that JSON cannot hold was left out.
    reading.value =
        json::number_at(value, "value").value_or(std::numeric_limits<double>::quiet_NaN());
  }
  if (json::find(value, "newest")) {
    TRY(reading.newest, time(value, "newest"));
  }
  TRY(reading.series, integer<std::uint32_t>(value, "series"));
  return reading;
}

Result<Proposal> proposal_from_json(const json::Value& value) {
  Proposal proposal;
  TRY(proposal.trigger, integer<std::size_t>(value, "index"));
  TRY(proposal.reading, reading_from_json(value));
  TRY(proposal.active, flag(value, "active"));
  TRY(proposal.held, flag(value, "held"));
  TRY(proposal.replicas, optional_replicas(value, "replicas"));
  return proposal;
}

Result<Clamp> clamp_from_json(const json::Value& value) {
  TRY(const std::string name, text(value, "kind"));
  const auto kind = clamp_kind(name);
  if (!kind) return bad("kind");
  Clamp clamp{.kind = *kind};
  TRY(clamp.before, integer<Replicas>(value, "before"));
  TRY(clamp.after, integer<Replicas>(value, "after"));
  TRY(clamp.detail, text(value, "detail"));
  return clamp;
}

Result<History::Held> held_from_json(const json::Value& value) {
  History::Held held;
  TRY(held.trigger, text(value, "trigger"));
  TRY(held.replicas, optional_replicas(value, "replicas"));
  TRY(held.active, flag(value, "active"));
  TRY(held.at, time_ns(value, "at"));
  return held;
}

struct Pair {
  Timestamp at;
  Replicas number = 0;
};

Result<Pair> pair_from_json(const json::Value& value) {
  const auto* items = value.if_array();
  if (!items || items->size() != 2) return fail(Code::bad_data, "want [time, number]");
  const auto* at = (*items)[0].if_int64();
  const auto* number = (*items)[1].if_int64();
  if (!at || !is_plausible({*at}) || !number || !std::in_range<Replicas>(*number))
    return fail(Code::bad_data, "want [time, number]");
  return Pair{{*at}, static_cast<Replicas>(*number)};
}

Result<History::Recommendation> recommendation_from_json(const json::Value& value) {
  TRY(const Pair pair, pair_from_json(value));
  return History::Recommendation{.at = pair.at, .replicas = pair.number};
}

Result<History::ScaleEvent> event_from_json(const json::Value& value) {
  TRY(const Pair pair, pair_from_json(value));
  return History::ScaleEvent{.at = pair.at, .change = pair.number};
}

json::Value held_to_json(const History::Held& held) {
  json::Object out;
  out["trigger"] = held.trigger;
  if (held.replicas) out["replicas"] = *held.replicas;
  out["active"] = held.active;
  out["at"] = held.at.ns;
  return out;
}

}  // namespace

json::Value to_json(const Decision& decision, const Spec& spec) {
  json::Object out;
  out["at"] = base::format_time_ns(decision.at);
  out["from"] = decision.from;
  out["to"] = decision.to;
  out["active"] = decision.active;
  out["reason"] = decision.reason;
  if (decision.winner) out["winner"] = *decision.winner;
  if (decision.again_at) out["again_at"] = base::format_time_ns(*decision.again_at);
  json::Array& proposals = out["proposals"].emplace_array();
  for (const auto& proposal : decision.proposals)
    proposals.push_back(proposal_to_json(proposal, spec, decision.at));
  json::Array& clamps = out["clamps"].emplace_array();
  for (const auto& clamp : decision.clamps) clamps.push_back(clamp_to_json(clamp));
  return out;
}

Result<Decision> decision_from_json(const json::Value& value) {
  Decision decision;
  TRY(decision.at, time(value, "at"));
  TRY(decision.from, integer<Replicas>(value, "from"));
  TRY(decision.to, integer<Replicas>(value, "to"));
  TRY(decision.active, flag(value, "active"));
  TRY(decision.reason, text(value, "reason"));
  TRY(decision.proposals, list(value, "proposals", proposal_from_json));
  TRY(decision.clamps, list(value, "clamps", clamp_from_json));
  if (json::find(value, "winner")) {
    TRY(decision.winner, integer<std::size_t>(value, "winner"));
    if (*decision.winner >= decision.proposals.size()) return bad("winner");
  }
  if (json::find(value, "again_at")) {
    TRY(decision.again_at, time(value, "again_at"));
  }
  return decision;
}

json::Value to_json(const History& history) {
  json::Object out;
  json::Array& held = out["held"].emplace_array();
  for (const auto& h : history.held) held.push_back(held_to_json(h));
  out["active"] = history.active;
  if (history.last_active) out["last_active"] = history.last_active->ns;
  json::Array& recommendations = out["recommendations"].emplace_array();
  for (const auto& r : history.recommendations)
    recommendations.push_back(json::Array{r.at.ns, r.replicas});
  json::Array& events = out["events"].emplace_array();
  for (const auto& event : history.events) events.push_back(json::Array{event.at.ns, event.change});
  return out;
}

Result<History> history_from_json(const json::Value& value) {
  History history;
  TRY(history.held, list(value, "held", held_from_json));
  TRY(history.active, flag(value, "active"));
  if (json::find(value, "last_active")) {
    TRY(history.last_active, time_ns(value, "last_active"));
  }
  TRY(history.recommendations, list(value, "recommendations", recommendation_from_json));
  TRY(history.events, list(value, "events", event_from_json));
  return history;
}

}  // namespace scale
