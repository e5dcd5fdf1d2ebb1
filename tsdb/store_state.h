#pragma once

// What a store consists of, for the files that implement it: store.cpp asks and tells,
// store_append.cpp takes points, store_sweep.cpp lets go of what is old.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tsdb/limits.h"
#include "tsdb/metrics.h"
#include "tsdb/overlaps.h"
#include "tsdb/points_written.h"
#include "tsdb/series_index.h"
#include "tsdb/store.h"
#include "tsdb/wrong_clocks.h"

namespace tsdb {

// Confined like its store.
struct Store::State {
  Options options;
  SharedByShards& shared;
  StoreMetrics metrics;
  PointsWritten written;
  SeriesIndex index;
  Histograms histograms;
  StandingQueries standing;
  WrongClocks wrong_clocks;
  Admission admission;
  Overlaps overlaps;
  std::vector<WrongClockNote> clock_notes;  // not told yet
  std::vector<Overlap> overlap_notes;       // likewise
  std::size_t samples = 0;
  std::size_t samples_bytes = 0;
  std::size_t bytes_told = 0;  // of footprint(), in `shared`
  std::size_t links_told = 0;  // of standing.links(), in `shared`
  std::uint64_t removals = 0;
  // Where the next sweep goes on.
  std::string sweep_metric;
  std::size_t sweep_position = 0;

  State(Options given, std::size_t shard, SharedByShards& common, base::metrics::Registry& registry)
      : options(given),
        shared(common),
        metrics(registry),
        written(common.written),
        index(given.retention),
        standing(index, given.retention, shard),
        admission(limits_of(given), common) {}

  // `learned`: nullptr where the series has no digest. P: a Point or a HistogramPoint.
  template <class P>
  Appended append(const SeriesView& view, const Digest* learned, const P& point, Timestamp now);
  template <class P>
  Appended append(Series& series, Shape shape, const P& point, Timestamp now);
  template <class P>
  Appended counted(const SeriesView& view, const Digest* learned, const P& point, Timestamp now) {
    const Appended outcome = append(view, learned, point, now);
    metrics.count(outcome);
    return outcome;
  }
  template <class P>
  Appended counted(Series& series, Shape shape, const P& point, Timestamp now) {
    const Appended outcome = append(series, shape, point, now);
    metrics.count(outcome);
    return outcome;
  }
  std::optional<Appended> misplaced(Timestamp time, Duration retention, Timestamp now) const;
  void note_joint(const Series& series, Joint joint, Timestamp now);
  void note_clock(const SeriesIndex::Identity& identity, Timestamp time, Timestamp now);
  bool may_be_crowded(const Series& series) const;
  bool is_crowded(Series& series, Timestamp now);
  bool insert_into_full(Series& series, Sample sample);
  void displace_oldest(Series& series);
  template <class P>
  Appended put(Series& series, const P& point, Timestamp now);
  std::size_t drop_before(Series& series, Timestamp from);
  std::size_t sweep(Timestamp now, std::size_t budget);
  std::size_t sweep(Metric& metric, Timestamp now, std::size_t budget);
  void let_go(Metric& metric, const std::vector<Series*>& gone);
  Footprint footprint() const;
  std::size_t bytes_of_all() const;
  void tell_notes(News& news);
  void publish_sizes();
};

}  // namespace tsdb
