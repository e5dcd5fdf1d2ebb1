#pragma once

// Questions that are kept answered: which series feed them, which are due, what was reported.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "tsdb/evaluate.h"
#include "tsdb/fold_tree.h"
#include "tsdb/metric_query.h"
#include "tsdb/selector.h"
#include "tsdb/series_index.h"
#include "tsdb/silence.h"
#include "tsdb/types.h"

namespace tsdb {

using StandingId = std::uint64_t;
using Report = std::function<void(const Answer&)>;

// Confined to its store.
struct StandingQuery {
  StandingId id = 0;
  Question question;
  Duration window{};
  Selector selector;
  Report report;
  Metric* metric = nullptr;

  std::vector<Series*> series;         // those that match, by number
  FoldTree contributions;              // of each of them
  std::vector<std::uint32_t> touched;  // the numbers of those that changed since `current`
  std::vector<bool> is_touched;        // by number
  Timestamp evaluated;                 // when `current` was found
  Departed departed;                   // series that did match
  bool dirty = false;                  // something changed since `current`
  bool matched = false;                // some series has matched
  bool valued = false;                 // there was an answer other than absent
  Evaluation current;
  Answer reported;
};

// Confined to its store. Reports may subscribe and unsubscribe.
class StandingQueries {
 public:
  StandingQueries(SeriesIndex& index, Duration retention) : index_(index), retention_(retention) {}

  StandingId add(Question question, Report report, Timestamp now);
  void remove(StandingId id);
  std::size_t size() const { return queries_.size(); }
  // How many series feed standing queries, counted once for each query.
  std::size_t links() const { return links_; }
  // The answer at `now`, as it will be reported.
  const Answer& answer(StandingId id, Timestamp now);

  // A series has appeared in its metric.
  void attach(Series& series);
  // A sample of `series` has changed.
  void touch(const Series& series);
  // Lets go of a series that leaves the store.
  void detach(Series& series);
  // The spellings of `metric` may have changed: finds anew what each query takes.
  void recollect(Metric& metric);

  // Evaluates what was touched and reports what changed, but for `newest` alone.
  void publish(Timestamp now);
  // Evaluates also what time changes, and reports any change.
  void tick(Timestamp now);

 private:
  bool takes(const StandingQuery& query, const Series& series) const;
  void link(StandingQuery& query, Series& series);
  void unlink(StandingQuery& query, std::uint32_t number);
  static void touch(StandingQuery& query, std::uint32_t number);
  void unlink_all(StandingQuery& query);
  void collect(StandingQuery& query);
  void mark(StandingQuery& query);
  void refresh(StandingQuery& query, Timestamp now);
  static const Fold& fold_of(StandingQuery& query, Timestamp now);
  void widen(Metric& metric);

  SeriesIndex& index_;
  Duration retention_;
  StandingId last_id_ = 0;
  std::size_t links_ = 0;
  std::map<StandingId, std::shared_ptr<StandingQuery>> queries_;
  std::vector<StandingId> dirty_;
};

}  // namespace tsdb
