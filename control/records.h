#pragma once

// Every object's decisions: one record per change of outcome or reason, repeats folded into it, all
// in one budget of bytes, kept over restarts. Confined to the control loop.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "kube/client.h"
#include "scale/types.h"
#include "storage/journal.h"

namespace control {

// One change of outcome or reason. The first and the last decision tell the same story
// (scale::same_story); values and ages between them may differ.
struct DecisionRecord {
  std::uint64_t id = 0;       // ascending over all objects
  std::uint64_t ordinal = 1;  // the object's first one is 1
  kube::Key key;
  scale::Decision decision;               // as it was reached first
  std::uint64_t count = 1;                // how often it was reached in a row
  Timestamp last;                         // when it was reached last
  std::optional<scale::Decision> repeat;  // as it was reached last; none: once
  // What its triggers were called and asked for then; empty: not known.
  std::vector<scale::TriggerSpec> triggers;
};

// An object's decisions at one moment of the past.
struct Moment {
  std::optional<DecisionRecord> record;  // in force: the newest one reached first at or before it
  std::optional<DecisionRecord> next;    // what ended it, or came first; none: still in force
  // When there is no record because it is no longer kept: since when there are some.
  std::optional<Timestamp> kept_since;
};

// Rows of an earlier run that could not be read.
struct Damage {
  std::size_t rows = 0;
  std::string first;  // what was wrong with the first of them, naming its key
};

// Whether two triggers are called the same and ask for the same.
bool same_question(const scale::TriggerSpec& a, const scale::TriggerSpec& b);

class Records {
 public:
  struct Recorded {
    std::uint64_t id = 0;
    std::uint64_t count = 0;
  };

  // bytes_max: of memory, everything included; the journal holds the same records, so it bounds the
  // disk too. An object's newest record always stays, whatever the budget. journal may be nullptr:
  // nothing survives then.
  Records(std::size_t bytes_max, storage::Journal* journal, base::metrics::Registry& metrics);
  ~Records();

  // Loads the records of an earlier run. A row that cannot be read is deleted and added to
  // `damage`, the others stay. Errors: those of the journal.
  Result<Damage> restore();

  // What the object's triggers are called and ask for from now on. A change begins a new record.
  void asks(const kube::Key& key, std::vector<scale::TriggerSpec> triggers);

  // Adds a decision, or folds it into the object's newest record. A repeat reaches the journal once
  // a minute at most, and with save(). Beyond the budget, the records that ended first go first,
  // whosever they are.
  Recorded record(const kube::Key& key, scale::Decision decision);

  // Hands everything that only memory knows to the journal.
  void save();

  // Forgets the object.
  void remove(const kube::Key& key);
  // Forgets every object for which `exists` is false.
  void retain(const std::function<bool(const kube::Key&)>& exists);

  std::optional<DecisionRecord> newest(const kube::Key& key) const;
  // Newest first, with ids below `before`.
  std::vector<DecisionRecord> list(const kube::Key& key, std::size_t limit,
                                   std::uint64_t before = UINT64_MAX) const;
  Moment at(const kube::Key& key, Timestamp when) const;

  // Records kept, of all objects.
  std::size_t size() const;
  // What they take of memory. At most bytes_max, unless the newest ones alone take more.
  std::size_t bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace control
