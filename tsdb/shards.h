#pragma once

// All series, in shards that threads can use at the same time, with the standing queries they feed.
//
// A series lives in the shard that its resource's labels say, so everything a sender's resource
// brings is in one place, whichever connection it came on. Each shard has a lock, taken once for a
// batch: that is the whole of handing it over.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "tsdb/listing.h"
#include "tsdb/metric_query.h"
#include "tsdb/standing_answer.h"
#include "tsdb/store.h"
#include "tsdb/types.h"
#include "tsdb/wanted.h"

namespace tsdb {

// Thread-safe. No shard is locked while another lock is waited for, nor while a report runs or
// something is logged. `now` is wall time; a shard takes a moment just before its latest one, which
// two threads that read the clock at once can bring, for that one.
class Shards {
 public:
  // count: from 1 to ShardSet::shards_max.
  Shards(Options options, std::size_t count, Log log, base::metrics::Registry& metrics);
  ~Shards();

  std::size_t size() const { return shards_.size(); }
  // With what the digests of all series are made.
  const Hasher& hasher() const { return shared_.hasher; }

  // Where the series of a resource live: the same for equal label sets, whatever their order.
  struct Home {
    std::size_t shard = 0;
    // Two labels have one name, so that a digest of them all does not tell which counts.
    bool repeated = false;
  };
  Home home_of(std::span<const LabelView> resource) const;
  std::size_t shard_of_packed(std::string_view resource) const;

  // Calls work(store) with a shard's store while nobody else touches it. It must not wait for
  // anything, nor call this class.
  template <class Work>
  auto look(std::size_t shard, Work work) const {
    Shard& one = *shards_[shard];
    const base::Lock lock(one.mutex);
    return work(one.store);
  }
  // The same for a batch: calls work(store, now), and afterwards evaluates the standing queries
  // that were touched and reports those whose answer has changed.
  template <class Work>
  void write(std::size_t shard, Timestamp now, Work work) {
    News news;
    {
      Shard& one = *shards_[shard];
      const base::Lock lock(one.mutex);
      now = moment(one, now);
      work(one.store, now);
      one.store.publish(now, news);
    }
    tell(shard, news, now, StandingAnswer::Change::answer);
  }

  // One point, without publishing. A receiver writes batches instead.
  Appended append(const SeriesView& series, const Point& point, Timestamp now);
  // Evaluates what append() marked, in all shards.
  void publish(Timestamp now);

  // Drops samples and series that left their window, and re-evaluates what time alone changes; all
  // of it, or what one thread does for its shard and what one of them does for all. Call it every
  // second.
  void tick(Timestamp now);
  void tick_shard(std::size_t shard, Timestamp now);
  void tick_standing(Timestamp now);

  // Which metrics receivers keep: all, or what questions are about. A standing query goes on
  // asking; any other question asks once, and so does want(), which returns since when all that
  // comes of the metric is kept.
  const Wanted& wanted() const { return wanted_; }
  Timestamp want(std::string_view metric, Timestamp now) const { return wanted_.ask(metric, now); }

  // One answer, now.
  Answer evaluate(const Question& question, Timestamp now) const;
  // The same, asking for nothing: for who goes through all there is.
  Answer peek(const Question& question, Timestamp now) const;

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

  // Keeps `question` evaluated; `report` is called at once with the current answer, then whenever
  // it changes, and on tick() also when only `newest` moved: one call at a time and in order, on
  // whichever thread made the change. A wider window than the retention widens the metric's
  // retention. What matched once is remembered as long as the standing query lives, so silence
  // becomes stale, never absent.
  StandingId subscribe(Question question, Report report, Timestamp now);
  // No call of the report begins afterwards; one may still be running on another thread.
  void unsubscribe(StandingId id);
  // The answer of a standing query at `now`; nullopt: it has ended. Mostly it is there to be read;
  // otherwise it has looked at the series that changed, and at no others.
  std::optional<Answer> answer(StandingId id, Timestamp now);
  // How many series feed standing queries, counted once for each query: what they cost in memory.
  std::size_t standing_links() const { return shared_.links; }

  // Metric names in otel-add-on's spelling ('.' and '/' as '_'), sorted, unique; a slice of them,
  // from that name on, that looks at no more than `limit` of each shard.
  NameSlice names(std::string_view from, std::size_t limit) const;
  // What was said of metrics, see tsdb/metadata.h.
  MetadataSlice metadata(std::string_view from, std::size_t limit) const;
  std::vector<Metadata> metadata_of(std::string_view name) const;
  // The series at `from` and after, see tsdb/listing.h. bytes_max: above 0.
  SeriesSlice series(const Place& from, std::size_t bytes_max) const;
  std::size_t series_count() const { return shared_.series; }
  // Counts the series at `from` and after, about `labels_max` labels at a time; a shard after the
  // other.
  std::optional<Place> count(const Place& from, std::size_t labels_max, Cardinality& into) const;
  Footprint footprint() const;
  const Options& options() const { return options_; }

  // Appends the series at `from` and after to a block of a snapshot, about `bytes_max` of them; a
  // shard after the other.
  std::optional<Place> write_block(const Place& from, std::size_t bytes_max,
                                   std::string& block) const;
  // Puts the series of a snapshot back, but for what is too old by now, and publishes.
  Restored restore(const Snapshot& snapshot, Timestamp now);

  // Forgets all series; standing queries stay.
  void reset();
  // How often that has happened.
  std::uint64_t resets() const { return resets_; }

 private:
  struct Shard {
    Shard(const Options& options, std::size_t number, SharedByShards& shared,
          base::metrics::Registry& metrics)
        : store(options, number, shared, metrics) {}

    base::Mutex mutex;
    Store store GUARDED_BY(mutex);
    Timestamp latest GUARDED_BY(mutex);
  };

  Answer answer_of_all(const Question& question, const Lookback& back, Timestamp now) const;
  static Timestamp moment(Shard& shard, Timestamp now) REQUIRES(shard.mutex);
  void tell(std::size_t shard, const News& news, Timestamp now, StandingAnswer::Change change);
  void settle(StandingAnswer& whole, Timestamp now, ShardSet asked) const;
  std::shared_ptr<StandingAnswer> find(StandingId id) const;
  std::optional<std::string> metric_from(std::string_view name) const;
  std::optional<Place> after(const Place& from, std::optional<Place> next) const;

  const Options options_;
  const Log log_;
  mutable Wanted wanted_;
  mutable SharedByShards shared_;
  base::metrics::Gauge& standing_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::atomic<std::uint64_t> resets_{0};

  mutable base::Mutex mutex_;
  StandingId last_id_ GUARDED_BY(mutex_) = 0;
  std::map<StandingId, std::shared_ptr<StandingAnswer>> queries_ GUARDED_BY(mutex_);
};

}  // namespace tsdb
