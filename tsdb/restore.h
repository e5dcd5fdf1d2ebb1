#pragma once

// Puts the series of a snapshot back into a store.

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "tsdb/label_sets.h"
#include "tsdb/limits.h"
#include "tsdb/series_index.h"
#include "tsdb/snapshot.h"
#include "tsdb/standing.h"

namespace tsdb {

// What became of a snapshot's series.
struct Restored {
  std::size_t series = 0;
  std::size_t samples = 0;
  std::size_t bytes = 0;     // of the samples
  std::size_t outdated = 0;  // series whose samples are all too old by now, or not yet
  std::size_t refused = 0;   // series over a limit of the store
};

// Confined to its store. Samples older than their metric's retention or too far ahead are left out.
// A metric keeps the retention it had until a standing query of it comes or goes.
class Restorer final : public SnapshotVisitor {
 public:
  Restorer(SeriesIndex& index, StandingQueries& standing, const Limits& limits, Duration ahead_max,
           Timestamp now)
      : index_(index), standing_(standing), limits_(limits), ahead_max_(ahead_max), now_(now) {}

  const Restored& restored() const { return restored_; }

  void block() override;
  void metric(std::string_view name, Duration retention) override;
  void labels(std::string_view packed) override;
  void series(SnapshotSeries from) override;

 private:
  struct Name {
    std::string_view name;
    Duration retention;
    Spelling* spelling = nullptr;  // once it has a series
  };

  bool is_full(const LabelSet& resource) const;

  SeriesIndex& index_;
  StandingQueries& standing_;
  Limits limits_;
  Duration ahead_max_;
  Timestamp now_;
  std::vector<Name> names_;
  std::vector<HeldSet> sets_;
  Restored restored_;
};

}  // namespace tsdb
