#include "server/explanation.h"

#include <fmt/format.h>

#include <string_view>

#include "scale/explain.h"

namespace server {
namespace {

using control::DecisionRecord;
using control::ObjectView;
using control::TriggerView;

std::string age_text(Timestamp t, Timestamp now) {
  return base::format_duration(now - t);
}

std::string number_text(double value) {
  return fmt::format("{:.6g}", value);
}

// "42, 2s old, from 1 series" or why there is none.
std::string reading_text(const scale::Reading& reading, Timestamp now) {
  using enum scale::Reading::State;
  const auto newest = [&] {
    return reading.newest.ns == 0 ? ""
                                  : ", newest sample " + age_text(reading.newest, now) + " old";
  };
  switch (reading.state) {
    case value:
      return fmt::format("{} from {} series{}", number_text(reading.value), reading.series,
                         newest());
    case absent:
      return "absent: no series has matched yet";
    case stale:
      return "stale" + newest();
    case error:
      return "error: " + std::string(reading.error.view());
    case not_a_number:
      return "not a number" + newest();
  }
  return {};
}

std::string proposal_text(const std::optional<scale::Replicas>& replicas, bool held) {
  if (!replicas) return "proposes nothing yet";
  return fmt::format("{} {}", held ? "holds its last proposal" : "proposes", *replicas);
}

std::string trigger_text(const TriggerView& trigger, Timestamp now) {
  std::string text = fmt::format("  {} ({})", trigger.spec.name, trigger.spec.type);
  if (!trigger.spec.query.empty()) text += "  " + trigger.spec.query;
  text += fmt::format("\n    value: {}\n", reading_text(trigger.reading, now));
  text += fmt::format("    target: {} per replica, active above {}: {}\n",
                      number_text(trigger.spec.target), number_text(trigger.spec.activation),
                      trigger.active ? "active" : "inactive");
  return text + fmt::format("    {}\n", proposal_text(trigger.proposal, trigger.held));
}

std::string head_text(const ObjectView& object) {
  std::string text = fmt::format("{}: {} {}\n", kube::to_string(object.key), object.target_kind,
                                 object.target_name);
  const std::string now =
      object.replicas ? fmt::format("{} ({} ready)", *object.replicas, object.ready_replicas)
                      : "none, the target does not exist";
  text += fmt::format("  replicas: {}, wanted {}, allowed {} to {}\n", now, object.desired,
                      object.min, object.max);
  text += fmt::format("  state: {}{}, engine {}\n", object.active ? "active" : "inactive",
                      object.paused ? ", paused" : "", object.engine);
  for (const auto& problem : object.problems) text += fmt::format("  problem: {}\n", problem);
  return text;
}

std::string repeats_text(const DecisionRecord& record) {
  if (record.count == 1) return {};
  return fmt::format("  reached {} times, last at {}\n", record.count,
                     base::format_time(record.last));
}

std::string line_text(const DecisionRecord& record) {
  const scale::Decision& decision = record.decision;
  return fmt::format("{}  {} -> {}  {}\n", base::format_time(decision.at), decision.from,
                     decision.to, record.words.reason);
}

// As far as the board knows it: enough to name triggers and targets.
scale::Spec spec_of(const ObjectView& object) {
  scale::Spec spec;
  for (const auto& trigger : object.triggers) spec.triggers.push_back(trigger.spec);
  return spec;
}

}  // namespace

std::string explain(const ObjectView& object, std::span<const DecisionRecord> records,
                    Timestamp now) {
  std::string text = head_text(object) + "\ntriggers now\n";
  for (const auto& trigger : object.triggers) text += trigger_text(trigger, now);
  if (records.empty()) return text + "\nno decision yet\n";
  text += "\nlast decision\n" +
          scale::explain_text(records.front().decision, spec_of(object), records.front().words);
  text += repeats_text(records.front());
  if (records.size() > 1) text += "\nbefore that\n";
  for (const auto& record : records.subspan(1)) text += line_text(record) + repeats_text(record);
  return text;
}

}  // namespace server
