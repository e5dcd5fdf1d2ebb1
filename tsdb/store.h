#pragma once

// The series of one shard, in memory, with the standing queries they feed.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/time.h"
#include "tsdb/digest.h"
#include "tsdb/evaluate.h"
#include "tsdb/footprint.h"
#include "tsdb/histograms.h"
#include "tsdb/limits.h"
#include "tsdb/listing.h"
#include "tsdb/metadata.h"
#include "tsdb/metric_query.h"
#include "tsdb/shared.h"
#include "tsdb/standing.h"
#include "tsdb/types.h"
#include "tsdb/wanted.h"

namespace tsdb {

struct Options {
  Duration retention = std::chrono::seconds(120);
  // Of all shards together:
  std::size_t series_max = 2'000'000;
  std::size_t series_per_resource_max = 200'000;  // so that one sender leaves room for others
  // For series and their samples, see tsdb/footprint.h. New series are refused from seven eighths
  // of it on; at the limit, what is known goes on with fewer samples.
  std::size_t bytes_max = SIZE_MAX;
  // Of each series:
  std::size_t samples_per_series_max = 10'000;  // oldest first beyond it
  std::size_t labels_per_series_max = 128;
  std::size_t label_bytes_max = 16u << 10;  // one name plus its value
  // How far in the future a sample may lie. What is stored ahead of us hides what comes after the
  // clock was put right, and makes rates too low until then, so it is not much.
  Duration ahead_max = std::chrono::minutes(1);
  std::size_t written_names_max = 5'000;  // metrics whose points are counted by name
  WantedOptions wanted = {};              // which metrics are kept: receivers ask Shards::wanted()
};

Limits limits_of(const Options& options);

struct Restored;
struct Series;
class Cardinality;
class Snapshot;

// A sender's clock was found to be wrong, by a point of that metric.
struct WrongClockNote {
  WrongClock clock;
  std::string metric;
};

// What a store has to tell outside its lock.
struct News {
  std::vector<ChangedPart> parts;
  std::vector<WrongClockNote> clocks;
  std::vector<Overlap> overlaps;  // of resources that had none lately
  LimitNews limits;
};

// Confined to whoever holds its lock (tsdb/shards.h), and nothing in it waits but for leaves that
// are held for a moment. `now` is wall time and never runs backwards between calls by more than the
// clock does.
class Store {
 public:
  // shard: its number.
  Store(Options options, std::size_t shard, SharedByShards& shared,
        base::metrics::Registry& metrics);
  ~Store();

  // Adds one point, in time order whatever the order of arrival. Marks the standing queries it
  // feeds.
  Appended append(const SeriesView& series, const Point& point, Timestamp now);

  // The same in two steps, for senders that come again and again. What find() gave is valid as long
  // as removals() stays the same.
  std::uint64_t removals() const;  // how often series have left
  // found[i]: the series that append() learned by digests[i], nullptr where there is none.
  void find(std::span<const Digest> digests, std::span<Series*> found) const;
  // Start to fetch what append() to this series will touch: the series itself, and then what it
  // points to.
  void prefetch(const Series& series) const;
  void prefetch_samples(const Series& series) const;
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

  // What is said of the metric of a series, or of one that has points; nothing for another.
  void describe(const Series& series, const MetadataView& said);
  void describe(std::string_view metric, const MetadataView& said);

  // Evaluates marked standing queries, and adds to `news` what there is. Call it once per received
  // batch.
  void publish(Timestamp now, News& news);

  // Drops samples and series that left their window, of at most `series_max` series, going round.
  // Returns how many it looked at; less than that: all.
  std::size_t sweep(Timestamp now, std::size_t series_max);
  // Forgets what else is old. Call it every second.
  void tick(Timestamp now);

  // What its series bring to one answer, now.
  PartialAnswer evaluate(const Question& question, Timestamp now) const;

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
  // Resources whose points overlapped in the last ten minutes; in no order.
  std::vector<Overlap> overlaps() const;

  // Keeps this shard's part of a standing query current: publish() tells when it has changed.
  // Returns the first one. A wider window than the retention widens the metric's retention.
  NumberedPart stand(std::shared_ptr<StandingAnswer> whole, Timestamp now);
  void end_standing(StandingId id);
  // The part at `now`; nullopt: it has ended. It has looked at the series that changed, and at no
  // others.
  std::optional<NumberedPart> part(StandingId id, Timestamp now);

  // See tsdb/listing.h.
  NameSlice names(std::string_view from, std::size_t limit) const;
  std::optional<std::string> metric_from(std::string_view name) const;
  std::size_t list_series(std::string_view metric, std::size_t left, ListingRoom& room,
                          std::vector<SeriesRow>& rows) const;
  // What was said of metrics, see tsdb/metadata.h.
  MetadataSlice metadata(std::string_view from, std::size_t limit) const;
  std::vector<Metadata> metadata_of(std::string_view name) const;
  // Counts the series at `from` and after, about `labels_max` labels at a time.
  std::optional<Place> count(const Place& from, std::size_t labels_max, Cardinality& into) const;
  std::size_t series_count() const;
  Footprint footprint() const;
  const Options& options() const;

  // Appends the series at `from` and after to a block of a snapshot, about `bytes_max` of them.
  std::optional<Place> write_block(const Place& from, std::size_t bytes_max,
                                   std::string& block) const;
  // Puts the series of a snapshot back, but for what is too old by now: those of resources (packed)
  // that are `ours`.
  Restored restore(const Snapshot& snapshot, const std::function<bool(std::string_view)>& ours,
                   Timestamp now);

  // Forgets all series; standing queries stay.
  void reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tsdb
