#pragma once

// What the operator keeps of one ScaledObject and of one workload between reconciles, and how that
// survives a restart. Plain values, confined to the control loop.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/backoff.h"
#include "control/board.h"
#include "control/plan.h"
#include "control/source_faults.h"
#include "control/windows.h"
#include "json/json.h"
#include "kube/client.h"
#include "kube/events.h"
#include "storage/journal.h"
#include "tsdb/gateway.h"

namespace control {

inline constexpr std::string_view advisory_engine = "advisory";  // decide, and write nothing
inline constexpr std::string_view hpa_engine = "hpa";            // an HPA scales between 1 and N

// What a decision needs to know of a Deployment.
struct Workload {
  scale::Replicas replicas = 1;  // spec.replicas; the API's default where it is not set
  scale::Replicas ready = 0;
  bool operator==(const Workload&) const = default;
};

Workload read_workload(const json::Value& deployment);

struct Entry {
  kube::Key key;
  json::Value object;  // as last seen
  std::optional<Plan> plan;
  std::uint64_t plan_id = 0;  // tells reports of an older plan's questions apart
  std::string spec_seen;      // what the plan was compiled from
  std::vector<Problem> problems;
  bool missing_target = false;
  std::string write_error;
  json::Value hpa;                  // the HPA that is wanted; null: none
  std::string hpa_error;            // why it is not there
  kube::ObjectReference reference;  // for events
  std::string uid;
  Timestamp created;
  std::vector<scale::Reading> readings;
  Windows windows;  // which readings are whole
  std::vector<std::unique_ptr<tsdb::Subscription>> subscriptions;
  scale::History history;
  std::string history_saved;     // what the journal holds
  bool history_changed = false;  // since it was saved
  std::optional<scale::Decision> decision;
  SourceFaults faults;
  std::vector<SourceFault> untold;  // events to record
  scale::Outcome spare;             // memory for the next decision
  std::optional<scale::Replicas> original_replicas;
  std::optional<Timestamp> wake_at;
  std::optional<Timestamp> retry_at;
  base::Backoff backoff{std::chrono::milliseconds(500), std::chrono::seconds(30)};
  bool decided = false;

  // True when spec, annotations or labels differ from what the plan was compiled from; remembers
  // them.
  bool adopts_new_spec();

  // Keeps what a decision left; what was before is memory for the next one.
  void adopt(scale::Outcome outcome);

  // After a change of the spec: triggers that ask the same as before keep what they held, new ones
  // begin without.
  void keep_held_of_equal_triggers(const std::optional<Plan>& before);

  // After a write that succeeded, or is not needed any more.
  void forget_write_error();

  // The spec's problems and those of the world around it.
  std::vector<Problem> all_problems() const;
};

// The object as the board shows it. workload: nullptr when it does not exist.
ObjectView view_of(const Entry& entry, const Workload* workload);

// What an earlier run knew of an object.
struct Past {
  scale::History history;
  std::vector<Whole> whole;
};

// History in the journal's table `state`. A null journal keeps nothing.
void load_history(storage::Journal* journal, std::map<kube::Key, Past>& pasts);
void save_history(storage::Journal* journal, Entry& entry);
void forget_history(storage::Journal* journal, const kube::Key& key);

template <class Map>
std::set<kube::Key> keys_of(const Map& map) {
  std::set<kube::Key> keys;
  for (const auto& [key, value] : map) keys.insert(key);
  return keys;
}

}  // namespace control
