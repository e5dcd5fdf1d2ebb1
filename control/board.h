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

#include "base/result.h"
#include "base/time.h"
#include "kube/client.h"
#include "scale/types.h"
#include "scale/words.h"
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

// One change of outcome or reason; repeats are folded into it.
struct DecisionRecord {
  std::uint64_t id = 0;  // ascending over all objects
  kube::Key key;
  scale::Decision decision;
  scale::Words words;       // what it said when it was made
  std::uint64_t count = 1;  // how often it was reached in a row
  Timestamp last;           // when it was reached last
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
  std::size_t decisions_per_object_max = 200;
  std::size_t points_max = 24 * 60 * 4;  // per trigger
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
  // journal may be nullptr: nothing survives then.
  Board(BoardOptions options, storage::Journal* journal);
  ~Board();

  // Loads decisions and points of an earlier run. Errors: bad_data.
  Result<void> restore();

  // Forgets what restore() brought of objects that are gone: every key for which `exists` is false.
  void retain(const std::function<bool(const kube::Key&)>& exists);

  void put(ObjectView view);
  // Forgets the object, its decisions and its points.
  void remove(const kube::Key& key);
  // Adds a decision, or folds it into the newest one of the object when outcome and reasons are the
  // same. `spec`: what it was made from, for its words. Returns the record as it stands.
  DecisionRecord record(const kube::Key& key, const scale::Decision& decision,
                        const scale::Spec& spec = {});
  void add_point(const kube::Key& key, std::size_t trigger, TriggerPoint point);

  std::vector<ObjectView> objects() const;  // sorted by key
  std::optional<ObjectView> object(const kube::Key& key) const;
  // Newest first.
  std::vector<DecisionRecord> decisions(const kube::Key& key, std::size_t limit) const;
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
