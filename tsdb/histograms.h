#pragma once

// The histograms that some series have beside their samples, and what is asked of them.
//
// A histogram NAME is the series NAME_count, whose samples are its counts, and for each of its
// points a histogram in this table. So time, retention, limits, restarts and identity are those of
// a number, and a series of numbers pays nothing: it has no place here.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "tsdb/histogram.h"
#include "tsdb/histogram_points.h"
#include "tsdb/metric_query.h"
#include "tsdb/series.h"

namespace tsdb {

class SeriesIndex;

// The ending that the counts of a histogram have.
inline constexpr std::string_view count_suffix = "_count";

// One histogram series for those who read it.
struct HistogramRow {
  std::string metric;                                   // as it was sent
  Labels labels;                                        // what a query sees
  std::vector<std::pair<Timestamp, Histogram>> points;  // oldest first

  bool operator==(const HistogramRow&) const = default;
};

// What all series of a question observed in a window, together. Explicit and exponential ones do
// not add up with one another.
struct HistogramIncrease {
  std::optional<ExplicitHistogram> bounded;
  std::optional<ExponentialHistogram> exponential;
  bool exact = true;         // false: buckets were joined to fit one another
  std::uint32_t series = 0;  // how many took part

  HistogramIncrease& operator+=(const HistogramIncrease& other);
  bool operator==(const HistogramIncrease&) const = default;
};

// By the numbers that series carry. Confined to its store.
class Histograms {
 public:
  // Keeps the histogram of the sample at `time`; of two of one time the later stays.
  void insert(Series& series, Timestamp time, const HistogramView& view);
  void insert(Series& series, Timestamp time, const PackedHistogram& packed);
  // Drops those before `from`. The series has some.
  void drop_before(Series& series, Timestamp from);
  // The series has none any more.
  void release(Series& series);

  // Those of a series, which has some.
  const HistogramPoints& of(const Series& series) const { return points_[series.histograms - 1]; }
  std::size_t points() const { return count_; }
  // Memory of the points, but for the bounds.
  std::size_t bytes() const { return bytes_; }

 private:
  HistogramPoints& own(Series& series);
  // Does something to points, and counts what becomes of them.
  template <class Change>
  void change(HistogramPoints& points, Change change);

  BoundsPool bounds_;
  std::vector<HistogramPoints> points_;  // at the number less 1
  std::vector<std::uint32_t> free_;      // numbers
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

// The histogram series that `query` (whose aggregation does not matter) matches, `rows_max` at
// most, each with its points at or after `from`; series without such are left out.
std::vector<HistogramRow> histograms_of(const SeriesIndex& index, const Histograms& histograms,
                                        const MetricQuery& query, Timestamp from,
                                        std::size_t rows_max);

// What the matching series observed in [from, now]: of a cumulative one the differences between
// neighbouring points there, or after a restart the whole later one; of a delta one its points.
// A restart is a later start time or a count that fell, as for numbers.
HistogramIncrease increase_of(const SeriesIndex& index, const Histograms& histograms,
                              const MetricQuery& query, Timestamp from);

}  // namespace tsdb
