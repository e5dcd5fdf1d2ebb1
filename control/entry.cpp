#include "control/entry.h"

#include <algorithm>
#include <utility>

#include "scale/explain.h"

namespace control {
namespace {

constexpr std::string_view history_prefix = "history/";

std::string history_key(const kube::Key& key) {
  return std::string(history_prefix) + to_string(key);
}

// Beside the members of scale::to_json(History).
constexpr std::string_view whole_member = "whole";

// Those of an older version, or damaged ones, are as good as none: windows fill by themselves.
std::vector<Whole> whole_answers(const json::Value& row) {
  std::vector<Whole> all;
  const auto* rows = json::find(row, whole_member);
  if (rows == nullptr || !rows->is_array()) return all;
  for (const json::Value& one : rows->get_array()) {
    if (const auto whole = whole_from_json(one)) all.push_back(*whole);
  }
  return all;
}

// What makes two triggers the same question, so that what one held means something for the other.
std::string identity(const Plan& plan, std::size_t i) {
  return plan.spec.triggers[i].type + "|" + plan.spec.triggers[i].query;
}

}  // namespace

Workload read_workload(const json::Value& deployment) {
  Workload workload;
  if (const auto* spec = json::find(deployment, "spec")) {
    workload.replicas = static_cast<scale::Replicas>(json::int_at(*spec, "replicas").value_or(1));
  }
  if (const auto* status = json::find(deployment, "status")) {
    workload.ready =
        static_cast<scale::Replicas>(json::int_at(*status, "readyReplicas").value_or(0));
  }
  return workload;
}

bool Entry::adopts_new_spec() {
  std::string seen;
  if (const auto* spec = json::find(object, "spec")) seen = json::print(*spec);
  for (const char* part : {"annotations", "labels"}) {
    if (const auto* found = json::find(object, "metadata", part)) seen += json::print(*found);
  }
  if (seen == spec_seen) return false;
  spec_seen = std::move(seen);
  return true;
}

void Entry::adopt(scale::Outcome outcome) {
  std::swap(history, outcome.next);
  if (!decision) decision.emplace();
  std::swap(*decision, outcome.decision);
  spare = std::move(outcome);
}

void Entry::keep_held_of_equal_triggers(const std::optional<Plan>& before) {
  const std::size_t count = plan->spec.triggers.size();
  // Right after a restart there is no plan before: what the journal held stands when it has the
  // right shape.
  if (!before) {
    history.held.resize(count);
    return;
  }
  std::vector<scale::History::Held> held(count);
  for (std::size_t now = 0; now < count; ++now) {
    for (std::size_t old = 0; old < std::min(before->spec.triggers.size(), history.held.size());
         ++old) {
      if (identity(*before, old) != identity(*plan, now)) continue;
      held[now] = history.held[old];
      held[now].trigger = 0;  // its place says whose it is, whatever its name was
    }
  }
  history.held = std::move(held);
}

void Entry::forget_write_error() {
  write_error.clear();
  retry_at.reset();
  backoff.reset();
}

std::vector<Problem> Entry::all_problems() const {
  std::vector<Problem> all = problems;
  if (plan && missing_target) {
    all.push_back(
        {"spec.scaleTargetRef", "Deployment " + to_string(plan->target) + " does not exist"});
  }
  return all;
}

ObjectView view_of(const Entry& entry, const Workload* workload) {
  ObjectView view;
  view.key = entry.key;
  for (const Problem& problem : entry.all_problems())
    view.problems.push_back(problem.field + ": " + problem.message);
  if (!entry.hpa_error.empty()) view.problems.push_back("no HPA: " + entry.hpa_error);
  if (!entry.write_error.empty()) view.problems.push_back("cannot scale: " + entry.write_error);
  if (workload != nullptr) {
    view.replicas = workload->replicas;
    view.ready_replicas = workload->ready;
  }
  if (!entry.plan) return view;
  const scale::Spec& spec = entry.plan->spec;
  view.target_kind = "Deployment";
  view.target_name = entry.plan->target.name;
  view.engine = entry.plan->engine;
  view.min = spec.min;
  view.max = spec.max;
  view.paused =
      spec.paused || spec.paused_replicas || spec.paused_scale_in || spec.paused_scale_out;
  view.desired = entry.decision ? entry.decision->to : view.replicas.value_or(0);
  view.active = entry.decision && entry.decision->active;
  for (std::size_t i = 0; i < spec.triggers.size(); ++i) {
    TriggerView trigger{.spec = spec.triggers[i], .reading = entry.readings[i]};
    if (entry.decision && i < entry.decision->proposals.size()) {
      const scale::Proposal& proposal = entry.decision->proposals[i];
      trigger.active = proposal.active;
      trigger.held = proposal.held;
      trigger.proposal = proposal.replicas;
    }
    view.triggers.push_back(std::move(trigger));
  }
  return view;
}

void load_history(storage::Journal* journal, std::map<kube::Key, Past>& pasts) {
  if (journal == nullptr) return;
  const auto rows = journal->load(storage::Table::state);
  if (!rows) return;
  for (const auto& [key, text] : *rows) {
    if (!key.starts_with(history_prefix)) continue;
    const std::string name = key.substr(history_prefix.size());
    const auto slash = name.find('/');
    const auto value = json::parse(text);
    if (slash == name.npos || !value) continue;
    auto history = scale::history_from_json(*value);
    if (!history) continue;
    pasts[{name.substr(0, slash), name.substr(slash + 1)}] = {std::move(*history),
                                                              whole_answers(*value)};
  }
}

void save_history(storage::Journal* journal, Entry& entry) {
  if (journal == nullptr) return;
  json::Value row = scale::to_json(entry.history);
  auto& whole = row.get_object()[whole_member].emplace_array();
  for (const Whole& one : entry.windows.whole()) whole.push_back(to_json(one));
  std::string text = json::print(row);
  if (text == entry.history_saved) return;
  entry.history_saved = text;
  journal->put(storage::Table::state, history_key(entry.key), std::move(text));
}

void forget_history(storage::Journal* journal, const kube::Key& key) {
  if (journal != nullptr) journal->put(storage::Table::state, history_key(key), std::nullopt);
}

}  // namespace control
