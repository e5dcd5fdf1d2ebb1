#include "tsdb/histograms.h"

#include <algorithm>

#include "base/check.h"
#include "tsdb/selector.h"
#include "tsdb/series_index.h"
#include "tsdb/streams.h"

namespace tsdb {
namespace {

// Calls sink(series) for each histogram series that `query` matches, until it returns false.
template <class Sink>
void for_each_match(const SeriesIndex& index, const MetricQuery& query, Sink sink) {
  const std::string name = query.metric + std::string(count_suffix);
  const Metric* metric = index.metric(fold_name(name));
  if (!metric) return;
  const Selector selector(query.matchers);
  for (const Series* series : metric->series) {
    if (series->histograms == 0 || !metric->answers(name, *series)) continue;
    if (!selector.matches([&](std::string_view label) { return label_of(*series, label); }))
      continue;
    if (!sink(*series)) return;
  }
}

HistogramRow row_of(const Series& series, const HistogramPoints& points, Timestamp from) {
  HistogramRow row{.metric = series.spelling->name, .labels = labels_of(series), .points = {}};
  row.metric.resize(row.metric.size() - count_suffix.size());
  for (std::size_t i = points.first_since(from); i < points.size(); ++i)
    row.points.emplace_back(points.time(i), points.at(i));
  return row;
}

template <class T>
void add(std::optional<T>& total, const T& more, bool& exact) {
  if (!total) {
    total = more;
    return;
  }
  auto merged = merge(*total, more);
  exact = exact && merged.exact;
  total = std::move(merged.histogram);
}

// Adds up what the points of one series observed.
class Total {
 public:
  explicit Total(HistogramIncrease& out) : out_(out) {}

  void add(const Histogram& more) {
    if (const auto* one = std::get_if<ExplicitHistogram>(&more)) {
      tsdb::add(out_.bounded, *one, out_.exact);
    } else {
      tsdb::add(out_.exponential, std::get<ExponentialHistogram>(more), out_.exact);
    }
  }
  // What `later` has beyond `earlier`; all of it where it does not continue that.
  void add_growth(const Histogram& later, const Histogram& earlier) {
    if (const auto growth = growth_of(later, earlier)) return add(*growth);
    add(later);
  }

 private:
  static std::optional<Histogram> growth_of(const Histogram& later, const Histogram& earlier) {
    if (later.index() != earlier.index()) return std::nullopt;
    if (const auto* one = std::get_if<ExplicitHistogram>(&later))
      return difference(*one, std::get<ExplicitHistogram>(earlier));
    return difference(std::get<ExponentialHistogram>(later),
                      std::get<ExponentialHistogram>(earlier));
  }

  HistogramIncrease& out_;
};

void add_deltas(Total& total, const HistogramPoints& points, std::size_t first) {
  for (std::size_t i = first; i < points.size(); ++i) total.add(points.at(i));
}

void add_differences(Total& total, const Series& series, const HistogramPoints& points,
                     std::size_t first) {
  using Kind = Streams::Step::Kind;
  const Starts only(series.start);
  Streams streams(series.starts() ? *series.starts() : only, points.time(first));
  for (std::size_t i = first; i < points.size(); ++i) {
    const auto step = streams.next(points.time(i), i - first);
    if (step.kind == Kind::anew) total.add(points.at(i));
    if (step.kind == Kind::continues)
      total.add_growth(points.at(i), points.at(first + step.before));
  }
}

}  // namespace

template <class Change>
void Histograms::change(HistogramPoints& points, Change change) {
  count_ -= points.size();
  bytes_ -= points.bytes();
  change(points);
  count_ += points.size();
  bytes_ += points.bytes();
}

void Histograms::insert(Series& series, Timestamp time, const HistogramView& view) {
  change(own(series), [&](HistogramPoints& points) { points.insert(time, view, bounds_); });
}

void Histograms::insert(Series& series, Timestamp time, const PackedHistogram& packed) {
  change(own(series), [&](HistogramPoints& points) { points.insert(time, packed, bounds_); });
}

void Histograms::drop_before(Series& series, Timestamp from) {
  HistogramPoints& all = points_[series.histograms - 1];
  change(all, [&](HistogramPoints& points) { points.drop_before(from, bounds_); });
  if (all.empty()) release(series);
}

void Histograms::release(Series& series) {
  change(points_[series.histograms - 1], [&](HistogramPoints& points) {
    points.clear(bounds_);
    points = {};
  });
  free_.push_back(series.histograms);
  series.histograms = 0;
}

HistogramPoints& Histograms::own(Series& series) {
  if (series.histograms == 0 && free_.empty()) {
    points_.emplace_back();
    CHECK(points_.size() <= Series::histograms_max);
    series.histograms = static_cast<std::uint32_t>(points_.size());
  } else if (series.histograms == 0) {
    series.histograms = free_.back();
    free_.pop_back();
  }
  return points_[series.histograms - 1];
}

std::vector<HistogramRow> histograms_of(const SeriesIndex& index, const Histograms& histograms,
                                        const MetricQuery& query, Timestamp from,
                                        std::size_t rows_max) {
  std::vector<HistogramRow> rows;
  for_each_match(index, query, [&](const Series& series) {
    if (rows.size() >= rows_max) return false;
    auto row = row_of(series, histograms.of(series), from);
    if (!row.points.empty()) rows.push_back(std::move(row));
    return true;
  });
  return rows;
}

HistogramIncrease& HistogramIncrease::operator+=(const HistogramIncrease& other) {
  if (other.bounded) add(bounded, *other.bounded, exact);
  if (other.exponential) add(exponential, *other.exponential, exact);
  exact = exact && other.exact;
  series += other.series;
  return *this;
}

HistogramIncrease increase_of(const SeriesIndex& index, const Histograms& histograms,
                              const MetricQuery& query, Timestamp from) {
  HistogramIncrease out;
  Total total(out);
  for_each_match(index, query, [&](const Series& series) {
    const HistogramPoints& points = histograms.of(series);
    const std::size_t first = points.first_since(from);
    const std::size_t size = points.size() - first;
    const bool delta = series.shape == Shape::delta;
    if (size < (delta ? 1 : 2)) return true;
    ++out.series;
    delta ? add_deltas(total, points, first) : add_differences(total, series, points, first);
    return true;
  });
  return out;
}

}  // namespace tsdb
