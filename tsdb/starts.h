#pragma once

// When the counting behind a cumulative sum's samples began. It changes only when the counter
// starts anew.

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "tsdb/codec.h"

namespace tsdb {

// The start time in force at each moment, as runs. A value.
class Starts {
 public:
  Starts() = default;
  explicit Starts(Timestamp first) : first_(first) {}

  // The start of the sample at `time`.
  Timestamp at(Timestamp time) const;
  // Whether more than one start is known.
  bool changed() const { return !later_.empty(); }
  // The newest one.
  Timestamp last() const { return later_.empty() ? first_ : later_.back().start; }
  // Whether among the samples at `since` and after some start is followed by an earlier one: not
  // one stream after the other, but several at once. Starts that were not sent do not count.
  bool overlap(Timestamp since) const;

  // Notes a sample's start; `next` is the time of the sample after it, or `time` itself when there
  // is none.
  void note(Timestamp time, Timestamp start, Timestamp next);
  // Forgets runs that no sample at or after `oldest` needs.
  void drop_before(Timestamp oldest);

  // As bytes, and back; nullopt for bytes that are none.
  void write(std::string& bytes) const;
  static std::optional<Starts> read(Bytes& bytes);

 private:
  struct Run {
    Timestamp from;  // time of the first sample
    Timestamp start;
  };

  Timestamp first_;         // before every later run
  std::vector<Run> later_;  // in order of time
};

}  // namespace tsdb
