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
  std::string text = fmt::format("  target: {} {}\n", object.target_kind, object.target_name);
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

// "4 replicas: queue-depth is 42 ...": the outcome and its reason, as it was reached last.
std::string outcome_text(const DecisionRecord& record) {
  const scale::Decision& newest = record.repeat ? *record.repeat : record.decision;
  return fmt::format("{} {}: {}", newest.to, newest.to == 1 ? "replica" : "replicas",
                     newest.reason);
}

// "2026-11-25T03:12:00Z (10m ago)"
std::string moment_text(Timestamp t, Timestamp now) {
  const char* direction = t <= now ? "ago" : "ahead";
  return fmt::format("{} ({} {})", base::format_time(t),
                     base::format_duration(t <= now ? now - t : t - now), direction);
}

// One line of a list of decisions.
std::string line_text(const DecisionRecord& record) {
  const scale::Decision& decision = record.decision;
  std::string text = fmt::format("  {}  {} -> {}  {}\n", base::format_time(decision.at),
                                 decision.from, decision.to, decision.reason);
  if (record.count > 1) {
    text += fmt::format("    reached {} times, last at {}\n", record.count,
                        base::format_time(record.last));
  }
  return text;
}

// As far as a record knows it: enough to name triggers and targets as they were then.
scale::Spec spec_of(const DecisionRecord& record) {
  scale::Spec spec;
  spec.triggers = record.triggers;
  return spec;
}

// When it was reached first; and, because values move while the outcome stays, when it was reached
// last.
std::string steps_text(const DecisionRecord& record) {
  const scale::Spec spec = spec_of(record);
  std::string text = scale::explain_text(record.decision, spec);
  if (!record.repeat) return text;
  return text + fmt::format("\nreached {} times; the last time\n", record.count) +
         scale::explain_text(*record.repeat, spec);
}

std::string list_text(std::span<const DecisionRecord> records) {
  if (records.empty()) return {};
  std::string text = "\nbefore that\n";
  for (const auto& record : records) text += line_text(record);
  return text;
}

// What a decision in force at `past.at` was between, in the present or past tense.
std::string span_text(const Past& past, Timestamp now) {
  const Timestamp from = past.moment.record->decision.at;
  std::string text = fmt::format("  in force since {}", moment_text(from, now));
  if (!past.moment.next) return text + ", and still\n";
  const Timestamp until = past.moment.next->decision.at;
  text += fmt::format(" until {}", moment_text(until, now));
  // A clock that was set back makes a span that never was.
  if (until >= from) text += fmt::format(", for {}", base::format_duration(until - from));
  return text + "\n";
}

std::string next_text(const Past& past) {
  if (!past.moment.next) return {};
  return "\nnext\n" + line_text(*past.moment.next);
}

// Why there is nothing to tell of that moment.
std::string nothing_text(const Past& past, Timestamp now) {
  const auto& moment = past.moment;
  if (moment.kept_since) {
    return fmt::format("no longer known, records before {} are not kept\n",
                       moment_text(*moment.kept_since, now));
  }
  if (!moment.next) return "no decision yet\n";
  return fmt::format("no decision yet, the first was made at {}\n",
                     moment_text(moment.next->decision.at, now));
}

}  // namespace

std::string explain(const ObjectView& object, std::span<const DecisionRecord> records,
                    Timestamp now) {
  const std::string key = kube::to_string(object.key);
  std::string text = fmt::format(
      "{}: {}\n", key, records.empty() ? "no decision yet" : outcome_text(records.front()));
  text += head_text(object) + "\ntriggers now\n";
  for (const auto& trigger : object.triggers) text += trigger_text(trigger, now);
  if (records.empty()) return text;
  text += "\nlast decision\n" + steps_text(records.front());
  return text + list_text(records.subspan(1));
}

std::string explain(const Past& past, Timestamp now) {
  std::string text =
      fmt::format("{} at {}: ", kube::to_string(past.key), moment_text(past.at, now));
  if (!past.moment.record) return text + nothing_text(past, now) + next_text(past);
  text += outcome_text(*past.moment.record) + "\n" + span_text(past, now);
  text += "\ndecided\n" + steps_text(*past.moment.record) + next_text(past);
  return text + list_text(past.before);
}

}  // namespace server
