#pragma once

// The series of one ingest thread, in memory, with the standing queries they feed.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "tsdb/digest.h"
#include "tsdb/footprint.h"
#include "tsdb/histograms.h"
#include "tsdb/listing.h"
#include "tsdb/metric_query.h"
#include "tsdb/types.h"

namespace tsdb {

struct Options {
  Duration retention = std::chrono::seconds(120);
  std::size_t series_max = 2'000'000;
  std::size_t series_per_resource_max = 200'000;  // so that one sender leaves room for others
  // For series and their samples, see tsdb/footprint.h. New series are refused from seven eighths
  // of it on; at the limit, what is known goes on with fewer samples.
  std::size_t bytes_max = SIZE_MAX;
  std::size_t samples_per_series_max = 10'000;  // oldest first beyond it
  std::size_t labels_per_series_max = 128;
  std::size_t label_bytes_max = 16u << 10;  // one name plus its value
  // How far in the future a sample may lie. What is stored ahead of us hides what comes after the
  // clock was put right, and makes rates too low until then, so it is not much.
  Duration ahead_max = std::chrono::minutes(1);
  std::size_t written_names_max = 5'000;  // metrics whose points are counted by name
};

struct Restored;
struct Series;
class Snapshot;

using StandingId = std::uint64_t;

// Confined to its thread. `now` is wall time and never runs backwards between calls by more than
// the clock does.
class Store {
 public:
  Store(Options options, Log log, base::metrics::Registry& metrics);
  ~Store();

  // Adds one point, in time order whatever the order of arrival. Marks the standing queries it
  // feeds.
  Appended append(const SeriesView& series, const Point& point, Timestamp now);

  // The same in two steps, for senders that come again and again. What find() gave is valid until
  // the next tick() or reset().
  //
  // With what the digests of its series are made. Thread-safe.
  const Hasher& hasher() const;
  // found[i]: the series that append() learned by digests[i], nullptr where there is none.
  void find(std::span<const Digest> digests, std::span<Series*> found) const;
  // Starts to fetch what append() to this series will touch.
  void prefetch(const Series& series) const;
  Appended append(Series& series, Shape shape, const Point& point, Timestamp now);
  // As the first one, and learns `digest`: equal digests must stand for equal series.
  Appended append(const SeriesView& series, const Digest& digest, const Point& point,
                  Timestamp now);

  // A histogram's point: append() of its count, to the series NAME_count, with the histogram kept
  // beside the sample. All three as above.
  struct HistogramPoint {
    Point count;
    HistogramView histogram;
  };
  Appended append(const SeriesView& series, const HistogramPoint& point, Timestamp now);
  Appended append(Series& series, Shape shape, const HistogramPoint& point, Timestamp now);
  Appended append(const SeriesView& series, const Digest& digest, const HistogramPoint& point,
                  Timestamp now);

  // Evaluates marked standing queries and reports those whose answer changed. Call it once per
  // received batch.
  void publish(Timestamp now);

  // Drops samples and series that left their window, and re-evaluates what time alone changes. Call
  // it every second.
  void tick(Timestamp now);

  // One answer, now.
  Answer evaluate(const Question& question, Timestamp now) const;

  // Histograms by their name as sent and labels; the query's aggregation does not matter. `window`
  // back from now; none: the retention. See tsdb/histograms.h.
  std::vector<HistogramRow> histograms(const MetricQuery& query, std::optional<Duration> window,
                                       Timestamp now, std::size_t rows_max) const;
  HistogramIncrease histogram_increase(const MetricQuery& query, std::optional<Duration> window,
                                       Timestamp now) const;

  // The sender whose points for `question` were refused within its window because of their time;
  // nullopt: there was none, so that silence is silence.
  std::optional<WrongClock> wrong_clock(const Question& question, Timestamp now) const;
  // All of them, of the last ten minutes; in no order.
  std::vector<WrongClock> wrong_clocks() const;

  // Keeps `question` evaluated; `report` is called at once with the current answer, then whenever
  // it changes, on this thread, and on tick() also when only `newest` moved. A wider window than
  // the retention widens the metric's retention. What matched once is remembered as long as the
  // standing query lives, so silence becomes stale, never absent.
  StandingId subscribe(Question question, std::function<void(const Answer&)> report, Timestamp now);
  void unsubscribe(StandingId id);
  // The answer of a standing query at `now`. It has looked at the series that changed, and at no
  // others.
  Answer answer(StandingId id, Timestamp now);
  // How many series feed standing queries, counted once for each query: what they cost in memory.
  std::size_t standing_links() const;

  // Metric names in otel-add-on's spelling ('.' and '/' as '_'), sorted, unique; a slice of them,
  // from that name on, that looks at no more than `limit`.
  NameSlice names(std::string_view from, std::size_t limit) const;
  // The series at `from` and after, see tsdb/listing.h.
  SeriesSlice series(const Place& from, std::size_t bytes_max) const;
  // Counts the series at `from` and after, about `labels_max` labels at a time.
  std::optional<Place> count(const Place& from, std::size_t labels_max, Cardinality& into) const;
  std::size_t series_count() const;
  Footprint footprint() const;
  const Options& options() const;

  // Appends the series at `from` and after to a block of a snapshot, about `bytes_max` of them.
  std::optional<Place> write_block(const Place& from, std::size_t bytes_max,
                                   std::string& block) const;
  // Puts the series of a snapshot back, but for what is too old by now.
  Restored restore(const Snapshot& snapshot, Timestamp now);

  // Forgets all series; standing queries stay.
  void reset();
  // How often that has happened.
  std::uint64_t resets() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tsdb
