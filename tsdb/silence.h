#pragma once

// What the silence of a query's series means: that there is nothing to report, or that nobody
// knows.

#include <map>
#include <optional>
#include <span>

#include "base/time.h"
#include "tsdb/label_sets.h"
#include "tsdb/series.h"

namespace tsdb {

// How series that left the store had fallen silent, as far as it matters for one query. One entry
// per resource whose delta streams left within a window. Confined to its store; a value that moves.
class Departed {
 public:
  // `series` leaves, with the samples it had.
  void add(const Series& series, LabelSets& sets);
  // Forgets delta streams whose last sample is older.
  void forget_before(Timestamp time);

 private:
  friend class Silence;
  struct Quiet {
    HeldSet resource;
    Timestamp last;
  };

  std::optional<Timestamp> ended_;    // newest sample of those that their senders ended
  std::optional<Timestamp> unknown_;  // newest sample of those that are neither that nor delta
  std::map<const LabelSet*, Quiet> quiet_;  // delta streams by resource, with their newest sample
};

// How what fed a query fell silent, as far as one shard knows. Adds up over shards.
struct Evidence {
  std::optional<Timestamp> ended;    // newest sample of those that have
  std::optional<Timestamp> unknown;  // newest sample of the others
  // Whether points of other series, or time alone, may change that.
  bool watches_resources = false;

  void add(const Evidence& other);
  // Whether all of it has ended. Those count that fed the last answers: series with a sample in the
  // window before the newest one. What left earlier was told when it left.
  bool says_ended(Duration window) const;
};

// Adds up how everything that fed a query fell silent. Two things are evidence that there is
// nothing:
// - the sender ended the series with a no-recorded-value point;
// - a delta stream, which brings no point where nothing happened, stayed silent for a whole window
//   after its last sample, and its resource reported at the end of it and still does: some series
//   of the resource has a sample at least a window newer than that, and not older than a window.
// A resource without attributes says nothing of who reports, and one that had a point refused for a
// limit of the store may have sent what is missed; neither is evidence.
class Silence {
 public:
  Silence(Duration window, Timestamp now) : window_(window), now_(now) {}

  void add(std::span<Series* const> series);
  void add(const Departed& departed);

  const Evidence& evidence() const { return evidence_; }

 private:
  void add_ended(Timestamp last) { evidence_.add({.ended = last, .unknown = {}}); }
  void add_unknown(Timestamp last) { evidence_.add({.ended = {}, .unknown = last}); }
  void add_delta(const LabelSet& resource, Timestamp last);
  bool reported_without(const LabelSet& resource, Timestamp last) const;

  Duration window_;
  Timestamp now_;
  Evidence evidence_;
};

}  // namespace tsdb
