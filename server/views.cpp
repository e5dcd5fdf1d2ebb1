#include "server/views.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace server {
namespace {

// As the readings' states are called.
constexpr std::array<std::string_view, 4> answer_states = {"value", "absent", "stale",
                                                           "not_a_number"};

json::Value number(double value) {
  return std::isfinite(value) ? json::Value(value) : json::Value(nullptr);
}

template <class T>
json::Value or_null(const std::optional<T>& value) {
  return value ? json::Value(*value) : json::Value(nullptr);
}

json::Value time_or_null(Timestamp t) {
  return t.ns == 0 ? json::Value(nullptr) : json::Value(base::format_time_ns(t));
}

json::Value age_or_null(Timestamp t, Timestamp now) {
  return t.ns == 0 ? json::Value(nullptr) : json::Value(base::seconds(now - t));
}

json::Array texts(const std::vector<std::string>& lines) {
  json::Array array;
  for (const auto& line : lines) array.emplace_back(line);
  return array;
}

json::Value to_json(const control::TriggerView& trigger, std::size_t index, Timestamp now) {
  const scale::Reading& reading = trigger.reading;
  const bool has_value = reading.state == scale::Reading::State::value;
  return json::Object{
      {"index", index},
      {"name", trigger.spec.name},
      {"type", trigger.spec.type},
      {"query", trigger.spec.query},
      {"target", number(trigger.spec.target)},
      {"activation", number(trigger.spec.activation)},
      {"state", scale::to_string(reading.state)},
      {"value", has_value ? number(reading.value) : nullptr},
      {"newest", time_or_null(reading.newest)},
      {"ageSeconds", age_or_null(reading.newest, now)},
      {"series", reading.series},
      {"error", reading.error.view()},
      {"active", trigger.active},
      {"held", trigger.held},
      {"proposal", or_null(trigger.proposal)},
  };
}

using Triggers = std::vector<scale::TriggerSpec>;

json::Value to_json(const scale::Proposal& proposal, const Triggers& triggers) {
  const bool known = proposal.trigger < triggers.size();
  const scale::TriggerSpec spec = known ? triggers[proposal.trigger] : scale::TriggerSpec{};
  const scale::Reading& reading = proposal.reading;
  const bool has_value = reading.state == scale::Reading::State::value;
  return json::Object{
      {"trigger", proposal.trigger},
      {"name", known ? json::Value(spec.name) : json::Value(nullptr)},
      {"target", known ? number(spec.target) : json::Value(nullptr)},
      {"activation", known ? number(spec.activation) : json::Value(nullptr)},
      {"state", scale::to_string(reading.state)},
      {"value", has_value ? number(reading.value) : nullptr},
      {"newest", time_or_null(reading.newest)},
      {"series", reading.series},
      {"error", reading.error.view()},
      {"active", proposal.active},
      {"held", proposal.held},
      {"replicas", or_null(proposal.replicas)},
  };
}

json::Value to_json(const scale::Clamp& clamp) {
  return json::Object{{"kind", scale::to_string(clamp.kind)},
                      {"before", clamp.before},
                      {"after", clamp.after},
                      {"detail", clamp.detail}};
}

json::Value to_json(const scale::Decision& decision, const Triggers& triggers) {
  json::Array proposals;
  for (const auto& proposal : decision.proposals) proposals.push_back(to_json(proposal, triggers));
  json::Array clamps;
  for (const auto& clamp : decision.clamps) clamps.push_back(to_json(clamp));
  return json::Object{
      {"at", base::format_time_ns(decision.at)},
      {"from", decision.from},
      {"to", decision.to},
      {"active", decision.active},
      {"reason", decision.reason},
      {"winner", or_null(decision.winner)},
      {"proposals", std::move(proposals)},
      {"clamps", std::move(clamps)},
      {"againAt", decision.again_at ? time_or_null(*decision.again_at) : nullptr},
  };
}

}  // namespace

std::string_view to_string(tsdb::Answer::State state) {
  return answer_states[static_cast<std::size_t>(state)];
}

json::Value to_json(const control::ObjectView& object, const control::Board& board, Timestamp now) {
  const auto newest = board.records().newest(object.key);
  json::Array triggers;
  for (std::size_t i = 0; i < object.triggers.size(); ++i)
    triggers.push_back(to_json(object.triggers[i], i, now));
  return json::Object{
      {"namespace", object.key.ns},
      {"name", object.key.name},
      {"target", json::Object{{"kind", object.target_kind}, {"name", object.target_name}}},
      {"engine", object.engine},
      {"minReplicas", object.min},
      {"maxReplicas", object.max},
      {"replicas", or_null(object.replicas)},
      {"readyReplicas", object.ready_replicas},
      {"desiredReplicas", object.desired},
      {"active", object.active},
      {"paused", object.paused},
      {"problems", texts(object.problems)},
      {"triggers", std::move(triggers)},
      {"lastDecision", newest ? to_json(*newest) : json::Value(nullptr)},
  };
}

json::Value to_json(const control::DecisionRecord& record) {
  return json::Object{
      {"id", record.id},
      {"namespace", record.key.ns},
      {"name", record.key.name},
      {"count", record.count},
      {"last", base::format_time_ns(record.last)},
      {"decision", to_json(record.decision, record.triggers)},
      {"repeat", record.repeat ? to_json(*record.repeat, record.triggers) : json::Value(nullptr)},
  };
}

json::Value to_json(const control::TriggerPoint& point) {
  const bool has_value = point.state == scale::Reading::State::value;
  return json::Object{
      {"at", base::format_time_ns(point.at)},
      {"state", scale::to_string(point.state)},
      {"value", has_value ? number(point.value) : nullptr},
      {"target", number(point.target)},
      {"replicas", point.replicas},
  };
}

json::Value to_json(const tsdb::Question& question, const tsdb::Answer& answer, Timestamp now) {
  const bool has_value = answer.state == tsdb::Answer::State::value;
  return json::Object{
      {"query", tsdb::to_string(question.query)},
      {"operationOverTime", tsdb::to_string(question.operation)},
      {"window", question.window ? json::Value(base::format_duration(*question.window))
                                 : json::Value(nullptr)},
      {"state", to_string(answer.state)},
      {"value", has_value ? number(answer.value) : nullptr},
      {"newest", time_or_null(answer.newest)},
      {"ageSeconds", age_or_null(answer.newest, now)},
      {"series", answer.series},
      {"matched", answer.matched},
  };
}

double load_of(const control::ObjectView& object) {
  return object.max <= 0 ? 0 : static_cast<double>(object.desired) / object.max;
}

}  // namespace server
