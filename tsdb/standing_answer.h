#pragma once

// The one answer of a standing query, put together from what its shards bring, with the memory of
// what it once was.

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "tsdb/evaluate.h"
#include "tsdb/metric_query.h"
#include "tsdb/types.h"

namespace tsdb {

using StandingId = std::uint64_t;
using Report = std::function<void(const Answer&)>;

// A set of shards, one bit each.
class ShardSet {
 public:
  static constexpr std::size_t shards_max = 32;

  static ShardSet of(std::size_t shard) { return ShardSet(std::uint32_t{1} << shard); }
  constexpr explicit ShardSet(std::uint32_t bits = 0) : bits_(bits) {}

  bool empty() const { return bits_ == 0; }
  bool has(std::size_t shard) const { return (bits_ >> shard & 1) != 0; }
  std::uint32_t bits() const { return bits_; }
  ShardSet operator|(ShardSet other) const { return ShardSet(bits_ | other.bits_); }
  ShardSet without(ShardSet other) const { return ShardSet(bits_ & ~other.bits_); }

  // Calls visit(shard) for each, in order.
  template <class Visit>
  void each(Visit visit) const {
    for (std::uint32_t left = bits_; left != 0; left &= left - 1)
      visit(static_cast<std::size_t>(std::countr_zero(left)));
  }

 private:
  std::uint32_t bits_;
};

// A part as a shard hands it over; of two with one shard that with the higher number is the later.
struct NumberedPart {
  std::uint64_t number = 0;
  PartialAnswer part;
};

// Thread-safe. Nothing of a shard is locked by what it does.
class StandingAnswer {
 public:
  StandingAnswer(StandingId id, Question question, const Lookback& back, std::size_t shards,
                 Report report);

  const StandingId id;
  const Question question;
  const Duration window;

  // On the shard's side, under its lock: its part is older than its series; it has been found anew.
  void mark(std::size_t shard) { marked_.fetch_or(ShardSet::of(shard).bits()); }
  void unmark(std::size_t shard) { marked_.fetch_and(~ShardSet::of(shard).bits()); }

  // Keeps a part unless a later one is here already.
  void put(std::size_t shard, const NumberedPart& part);

  // Folds the parts to the answer at `now`, and remembers it. Returns the shards that have to be
  // asked again first, none of `asked`: those whose parts are too old, or whose silence may mean
  // something else by now.
  ShardSet refold(Timestamp now, ShardSet asked);
  Answer current() const;

  // What a change is: of the answer, but for `newest`; or of any of it.
  enum class Change : std::uint8_t { answer, any };
  // Calls the report if the answer has changed since it was last called. Reports come one at a
  // time, in order, on whichever thread made them; no lock is held, so that they may subscribe and
  // unsubscribe.
  void tell(Change change);
  // Calls the report for the first time; before that it is not called.
  void open();
  // From now on no call of the report begins; one may still run on another thread.
  void close();

 private:
  ShardSet overdue(Timestamp now, ShardSet asked) const REQUIRES(mutex_);
  ShardSet refold_locked(Timestamp now, ShardSet asked) REQUIRES(mutex_);
  ShardSet watching() const REQUIRES(mutex_);
  void remember(Answer& fresh) REQUIRES(mutex_);
  bool has_news(Change change) const REQUIRES(mutex_);

  const Timestamp kept_since_;
  const Report report_;
  std::atomic<std::uint32_t> marked_{0};

  mutable base::Mutex mutex_;
  std::vector<PartialAnswer> parts_ GUARDED_BY(mutex_);  // by shard
  std::vector<std::uint64_t> numbers_ GUARDED_BY(mutex_);
  Evaluation current_ GUARDED_BY(mutex_);
  bool matched_ GUARDED_BY(mutex_) = false;  // some series has matched
  bool valued_ GUARDED_BY(mutex_) = false;   // there was an answer other than absent
  Answer reported_ GUARDED_BY(mutex_);
  bool is_open_ GUARDED_BY(mutex_) = false;
  bool reporting_ GUARDED_BY(mutex_) = false;  // some thread does
};

}  // namespace tsdb
