#pragma once

// What the control loop knows about every object, for those who look: current state, decisions with
// reasons, signals over time. The operator writes it, the server reads it. Confined to the control
// loop.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "control/records.h"
#include "kube/client.h"
#include "scale/types.h"
#include "storage/journal.h"

namespace control {

struct TriggerView {
  scale::TriggerSpec spec;
  scale::Reading reading;
  bool active = false;
  bool held = false;
  std::optional<scale::Replicas> proposal;
};

// One ScaledObject as it stands.
struct ObjectView {
  kube::Key key;
  std::string target_kind;  // "Deployment"
  std::string target_name;
  std::string engine;  // "direct", "advisory"
  scale::Replicas min = 0;
  scale::Replicas max = 0;
  std::optional<scale::Replicas> replicas;  // spec.replicas of the target; none: it does not exist
  scale::Replicas ready_replicas = 0;
  scale::Replicas desired = 0;
  bool active = false;
  bool paused = false;
  std::vector<std::string> problems;  // in words a user can act on; empty: fine
  std::vector<TriggerView> triggers;
};

// One point of a trigger's line: every 15 s, kept for a day.
struct TriggerPoint {
  Timestamp at;
  scale::Reading::State state{};
  double value = 0;
  double target = 0;
  scale::Replicas replicas = 0;
};

struct BoardOptions {
  std::size_t decisions_bytes_max = 64 << 20;  // records of all objects together
  std::size_t points_max = 24 * 60 * 4;        // per trigger
};

// What a listener hears: which object changed, and the new decision when there is one.
struct BoardEvent {
  enum class Type : std::uint8_t { changed, removed, decided };
  Type type{};
  kube::Key key;
  std::optional<DecisionRecord> record;
};

class Board {
 public:
  // journal may be nullptr: nothing survives then. registry may be nullptr: nothing is counted.
  Board(BoardOptions options, storage::Journal* journal, Log log = {},
        base::metrics::Registry* registry = nullptr);
  ~Board();

  // Loads decisions and points of an earlier run. A row that cannot be read is dropped, the others
  // stay, and the log says so once. Errors: those of the journal.
  Result<void> restore();

  // Hands everything that only memory knows to the journal; before the end.
  void save();

  // Forgets what restore() brought of objects that are gone: every key for which `exists` is false.
  void retain(const std::function<bool(const kube::Key&)>& exists);

  // A change of what its triggers ask for begins a new record: put() before record().
  void put(ObjectView view);
  // Forgets the object, its decisions and its points.
  void remove(const kube::Key& key);
  // Adds a decision, or folds it into the newest one of the object when outcome and reasons are the
  // same.
  Records::Recorded record(const kube::Key& key, scale::Decision decision);
  void add_point(const kube::Key& key, std::size_t trigger, TriggerPoint point);

  std::vector<ObjectView> objects() const;  // sorted by key
  std::optional<ObjectView> object(const kube::Key& key) const;
  // Every object's decisions and their past.
  const Records& records() const;
  // Oldest first, at or after `from`.
  std::vector<TriggerPoint> points(const kube::Key& key, std::size_t trigger, Timestamp from) const;

  using ListenerId = std::uint64_t;
  // `listener` is called on the control loop after each change.
  ListenerId listen(std::function<void(const BoardEvent&)> listener);
  void unlisten(ListenerId id);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace control
