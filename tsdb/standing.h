#pragma once

// Questions that are kept answered, as one shard has them: which of its series feed them, what
// those bring, which are due.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "tsdb/evaluate.h"
#include "tsdb/fold_tree.h"
#include "tsdb/metric_query.h"
#include "tsdb/selector.h"
#include "tsdb/series_index.h"
#include "tsdb/silence.h"
#include "tsdb/standing_answer.h"
#include "tsdb/types.h"

namespace tsdb {

// Confined to its store.
struct StandingQuery {
  std::shared_ptr<StandingAnswer> whole;  // of all shards
  Selector selector;
  Metric* metric = nullptr;

  std::vector<Series*> series;         // those that match, by number
  FoldTree contributions;              // of each of them
  std::vector<std::uint32_t> touched;  // the numbers of those that changed since `evaluated`
  std::vector<bool> is_touched;        // by number
  Timestamp evaluated;                 // when its part was last found
  Departed departed;                   // series that did match
  Timestamp newest;                    // sample of any series that ever matched
  bool dirty = false;                  // something changed since `evaluated`
  std::uint64_t parts = 0;             // how many were handed over
};

// A part that has changed, and whose.
struct ChangedPart {
  std::shared_ptr<StandingAnswer> whole;
  NumberedPart part;
};

// Confined to its store.
class StandingQueries {
 public:
  StandingQueries(SeriesIndex& index, Duration retention, std::size_t shard)
      : index_(index), retention_(retention), shard_(shard) {}

  NumberedPart add(std::shared_ptr<StandingAnswer> whole, Timestamp now);
  void remove(StandingId id);
  std::size_t size() const { return queries_.size(); }
  // How many series feed standing queries, counted once for each query.
  std::size_t links() const { return links_; }
  // What its series bring at `now`; nullopt: it was removed.
  std::optional<NumberedPart> part(StandingId id, Timestamp now);

  // A series has appeared in its metric.
  void attach(Series& series);
  // A sample of `series` has changed.
  void touch(const Series& series);
  // Lets go of a series that leaves the store.
  void detach(Series& series);
  // The spellings of `metric` may have changed: finds anew what each query takes.
  void recollect(Metric& metric);

  // Evaluates what was touched; adds it to `changed`.
  void publish(Timestamp now, std::vector<ChangedPart>& changed);

 private:
  bool takes(const StandingQuery& query, const Series& series) const;
  void link(StandingQuery& query, Series& series);
  void unlink(StandingQuery& query, std::uint32_t number);
  static void touch(StandingQuery& query, std::uint32_t number);
  void unlink_all(StandingQuery& query);
  void collect(StandingQuery& query);
  void mark(StandingQuery& query);
  NumberedPart refresh(StandingQuery& query, Timestamp now);
  static const Fold& fold_of(StandingQuery& query, Timestamp now);
  void widen(Metric& metric);

  SeriesIndex& index_;
  Duration retention_;
  std::size_t shard_;  // its number
  std::size_t links_ = 0;
  std::map<StandingId, std::shared_ptr<StandingQuery>> queries_;
  std::vector<StandingId> dirty_;
};

}  // namespace tsdb
