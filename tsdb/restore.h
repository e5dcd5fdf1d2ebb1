#pragma once

// Puts the series of a snapshot back into a store.

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "tsdb/histograms.h"
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
  std::size_t histograms = 0;
  std::size_t bytes = 0;     // of the samples
  std::size_t outdated = 0;  // series whose samples are all too old by now, or not yet
  std::size_t refused = 0;   // series over a limit of the store

  Restored& operator+=(const Restored& other) {
    series += other.series;
    samples += other.samples;
    histograms += other.histograms;
    bytes += other.bytes;
    outdated += other.outdated;
    refused += other.refused;
    return *this;
  }
};

// Where series are put back.
struct RestoreParts {
  SeriesIndex& index;
  Histograms& histograms;
  StandingQueries& standing;
  Admission& admission;
  std::size_t other_bytes = 0;  // of the other shards
};

// Confined to its store. Samples older than their metric's retention or too far ahead are left out,
// and so are series of resources (packed) that are not `ours`. A metric keeps the retention it had
// until a standing query of it comes or goes.
class Restorer final : public SnapshotVisitor {
 public:
  using Ours = std::function<bool(std::string_view)>;

  Restorer(RestoreParts parts, const Ours& ours, Duration ahead_max, Timestamp now)
      : parts_(parts), ours_(ours), ahead_max_(ahead_max), now_(now) {}

  const Restored& restored() const { return restored_; }

  void block() override;
  void metric(std::string_view name, Duration retention) override;
  void metadata(const MetadataView& said) override;
  void labels(std::string_view packed) override;
  void bounds(std::span<const double> bounds) override;
  void series(SnapshotSeries from) override;
  void histogram(const SnapshotHistogram& from) override;

 private:
  struct Name {
    std::string_view name;
    Duration retention;
    std::optional<MetadataView> said;
    Spelling* spelling = nullptr;  // once it has a series
  };
  struct Set {
    std::string_view packed;
    std::optional<bool> ours;  // once a series has it as its resource
    HeldSet held;              // once a series has it
  };

  Series* put_back(SnapshotSeries from);
  bool is_ours(Set& resource) const;
  LabelSet& held(Set& set);
  SeriesIndex::Identity identity_of(const SnapshotSeries& from);

  RestoreParts parts_;
  const Ours& ours_;
  Duration ahead_max_;
  Timestamp now_;
  std::vector<Name> names_;
  std::vector<Set> sets_;
  std::vector<std::vector<double>> bounds_;
  Series* last_ = nullptr;  // the series just read; nullptr: it was left out
  Restored restored_;
};

}  // namespace tsdb
