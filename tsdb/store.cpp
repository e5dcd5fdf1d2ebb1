#include "tsdb/store.h"

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>

#include "tsdb/evaluate.h"
#include "tsdb/metrics.h"
#include "tsdb/overlaps.h"
#include "tsdb/points_written.h"
#include "tsdb/selector.h"
#include "tsdb/series_index.h"
#include "tsdb/standing.h"
#include "tsdb/wrong_clocks.h"

namespace tsdb {
namespace {

// How many series one tick looks at, so that a tick stays short whatever the store holds.
constexpr std::size_t sweep_series_max = 32'768;

// How many lookups are under way in the memory system at once.
constexpr std::size_t fetched_ahead = 16;

// The time of the sample after `time`, or `time` when there is none.
Timestamp time_after(const Samples& samples, Timestamp time) {
  if (samples.empty() || samples.all().back().time() <= time) return time;
  return samples.since(time + Duration{1}).front().time();
}

// The sample before `time`; nullptr when there is none.
const Sample* sample_before(const Samples& samples, Timestamp time) {
  const auto all = samples.all();
  const auto later = samples.since(time);
  return later.size() == all.size() ? nullptr : &all[all.size() - later.size() - 1];
}

Joint joint_of(const Sample* before, Timestamp start) {
  if (before == nullptr || start.ns == 0 || before->time() == start) return Joint::none;
  return start > before->time() ? Joint::gap : Joint::overlap;
}

// Looks at what is before only where a start differs from the one in force.
Joint note_counter(Series& series, const Point& point) {
  if (series.samples.empty()) {
    series.starts = Starts(point.start);
    return Joint::none;
  }
  if (series.starts.at(point.time) == point.start) return Joint::none;
  series.starts.note(point.time, point.start, time_after(series.samples, point.time));
  return joint_of(sample_before(series.samples, point.time), point.start);
}

Joint note_delta(const Series& series, const Point& point) {
  if (series.samples.empty()) return Joint::none;
  const Sample& last = series.samples.all().back();
  if (last.time() == point.start) return Joint::none;  // as most go on
  return joint_of(sample_before(series.samples, point.time), point.start);
}

Joint note_start(Series& series, const Point& point) {
  if (series.shape == Shape::level) return Joint::none;
  return series.shape == Shape::counter ? note_counter(series, point) : note_delta(series, point);
}

void prefetch_head(const Series& series) {
  constexpr std::size_t line = 64;
  const char* bytes = reinterpret_cast<const char*>(&series);
  for (std::size_t at = 0; at < sizeof(Series); at += line) __builtin_prefetch(bytes + at, 1);
}

using HistogramPoint = Store::HistogramPoint;

// The sample of a point of either kind.
const Point& sample_of(const Point& point) {
  return point;
}
const Point& sample_of(const HistogramPoint& point) {
  return point.count;
}

}  // namespace

struct Store::State {
  Options options;
  Log log;
  StoreMetrics metrics;
  Hasher hasher;
  PointsWritten written;
  SeriesIndex index;
  Histograms histograms;
  StandingQueries standing;
  WrongClocks wrong_clocks;
  Overlaps overlaps;
  std::size_t samples = 0;
  std::uint64_t resets = 0;
  bool full = false;  // the series limit was reached, and said so
  // Where the next sweep goes on.
  std::string sweep_metric;
  std::size_t sweep_position = 0;

  State(Options given, Log sink, base::metrics::Registry& registry)
      : options(given),
        log(sink.with("tsdb")),
        metrics(registry),
        written(registry, given.written_names_max),
        index(given.retention),
        standing(index, given.retention) {}

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
  std::optional<Appended> refused(const SeriesView& view);
  template <class P>
  Appended put(Series& series, const P& point, Timestamp now);
  std::size_t drop_before(Series& series, Timestamp from);
  void drop_oldest(Series& series);
  void sweep(Timestamp now);
  std::size_t sweep(Metric& metric, Timestamp now, std::size_t budget);
  void let_go(Metric& metric, const std::vector<Series*>& gone);
  void publish_metrics() {
    metrics.publish({index.size(), samples, histograms.points(), standing.size()});
  }
};

Store::Store(Options options, Log log, base::metrics::Registry& metrics)
    : state_(std::make_unique<State>(options, std::move(log), metrics)) {}

Store::~Store() = default;

Appended Store::append(const SeriesView& series, const Point& point, Timestamp now) {
  return state_->counted(series, nullptr, point, now);
}

Appended Store::append(const SeriesView& series, const Digest& digest, const Point& point,
                       Timestamp now) {
  return state_->counted(series, &digest, point, now);
}

Appended Store::append(Series& series, Shape shape, const Point& point, Timestamp now) {
  return state_->counted(series, shape, point, now);
}

Appended Store::append(const SeriesView& series, const HistogramPoint& point, Timestamp now) {
  return state_->counted(series, nullptr, point, now);
}

Appended Store::append(const SeriesView& series, const Digest& digest, const HistogramPoint& point,
                       Timestamp now) {
  return state_->counted(series, &digest, point, now);
}

Appended Store::append(Series& series, Shape shape, const HistogramPoint& point, Timestamp now) {
  return state_->counted(series, shape, point, now);
}

const Hasher& Store::hasher() const {
  return state_->hasher;
}

void Store::find(std::span<const Digest> digests, std::span<Series*> found) const {
  for (std::size_t i = 0; i < std::min(fetched_ahead, digests.size()); ++i)
    state_->index.prefetch(digests[i]);
  for (std::size_t i = 0; i < digests.size(); ++i) {
    if (i + fetched_ahead < digests.size()) state_->index.prefetch(digests[i + fetched_ahead]);
    found[i] = state_->index.candidate(digests[i]);
    if (found[i] != nullptr) prefetch_head(*found[i]);
  }
  for (std::size_t i = 0; i < digests.size(); ++i) {
    if (found[i] != nullptr && !state_->index.is_known(*found[i], digests[i])) found[i] = nullptr;
  }
}

void Store::prefetch(const Series& series) const {
  series.samples.prefetch();
}

void Store::describe(const Series& series, const MetadataView& said) {
  auto& metadata = series.spelling->metric->metadata;
  if (!metadata) metadata = std::make_unique<Metadata>();
  metadata->set(said);
}

void Store::describe(std::string_view metric, const MetadataView& said) {
  const Metric* known = state_->index.metric(fold_name(metric));
  if (known && !known->series.empty()) describe(*known->series.front(), said);
}

void Store::publish(Timestamp now) {
  state_->standing.publish(now);
  state_->publish_metrics();
}

void Store::tick(Timestamp now) {
  state_->written.publish();
  state_->sweep(now);
  state_->wrong_clocks.forget(now);
  state_->overlaps.forget(now);
  state_->standing.tick(now);
  state_->publish_metrics();
}

Answer Store::evaluate(const Question& question, Timestamp now) const {
  std::vector<Series*> matching;
  const Selector selector(question.query.matchers);
  if (const Metric* metric = state_->index.metric(fold_name(question.query.metric))) {
    std::ranges::copy_if(metric->series, std::back_inserter(matching), [&](const Series* series) {
      return metric->answers(question.query.metric, *series) &&
             selector.matches([series](std::string_view name) { return label_of(*series, name); });
    });
  }
  return tsdb::evaluate(question, matching, question.window.value_or(state_->options.retention),
                        now)
      .answer;
}

std::vector<HistogramRow> Store::histograms(const MetricQuery& query,
                                            std::optional<Duration> window, Timestamp now,
                                            std::size_t rows_max) const {
  const Timestamp from = now - window.value_or(state_->options.retention);
  return histograms_of(state_->index, state_->histograms, query, from, rows_max);
}

HistogramIncrease Store::histogram_increase(const MetricQuery& query,
                                            std::optional<Duration> window, Timestamp now) const {
  const Timestamp from = now - window.value_or(state_->options.retention);
  return increase_of(state_->index, state_->histograms, query, from);
}

std::optional<WrongClock> Store::wrong_clock(const Question& question, Timestamp now) const {
  const Duration window = question.window.value_or(state_->options.retention);
  return state_->wrong_clocks.of(question, now - window);
}

std::vector<WrongClock> Store::wrong_clocks() const {
  return state_->wrong_clocks.list();
}

std::vector<Overlap> Store::overlaps() const {
  return state_->overlaps.list();
}

Answer Store::answer(StandingId id, Timestamp now) {
  return state_->standing.answer(id, now);
}

std::size_t Store::standing_links() const {
  return state_->standing.links();
}

StandingId Store::subscribe(Question question, std::function<void(const Answer&)> report,
                            Timestamp now) {
  return state_->standing.add(std::move(question), std::move(report), now);
}

void Store::unsubscribe(StandingId id) {
  state_->standing.remove(id);
}

NameSlice Store::names(std::string_view from, std::size_t limit) const {
  return names_from(state_->index, from, limit);
}

MetadataSlice Store::metadata(std::string_view from, std::size_t limit) const {
  return metadata_from(state_->index, from, limit);
}

std::vector<Metadata> Store::metadata_of(std::string_view name) const {
  return tsdb::metadata_of(state_->index, name);
}

SeriesSlice Store::series(const Place& from, std::size_t bytes_max) const {
  return series_from(state_->index, from, bytes_max);
}

std::size_t Store::series_count() const {
  return state_->index.size();
}

void Store::reset() {
  state_->written.publish();
  std::vector<Metric*> metrics;
  for (const auto& [folded, metric] : state_->index.metrics()) metrics.push_back(metric.get());
  for (Metric* metric : metrics) {
    std::vector<Series*> gone;
    while (!metric->series.empty())
      gone.push_back(state_->index.take(*metric, metric->series.size() - 1));
    state_->let_go(*metric, gone);
    state_->index.tidy(*metric);
  }
  ++state_->resets;
  state_->publish_metrics();
}

std::uint64_t Store::resets() const {
  return state_->resets;
}

template <class P>
Appended Store::State::append(const SeriesView& view, const Digest* learned, const P& offered,
                              Timestamp now) {
  const Point& point = sample_of(offered);
  const auto identity = index.identify(view);
  Series* series = index.find(identity);
  const Shape shape = shape_of(view.kind, view.temporality, view.monotonic);
  const bool learns = learned != nullptr && !identity.repeated;
  if (series) {
    if (learns) index.learn(*learned, *series);
    return append(*series, shape, offered, now);
  }
  const Metric* metric = index.metric(fold_name(view.metric));
  const Duration retention = metric ? metric->retention : options.retention;
  if (const auto outcome = misplaced(point.time, retention, now)) {
    note_clock(identity, point.time, now);
    return *outcome;
  }
  if (point.no_recorded_value) return Appended::no_value;
  if (const auto outcome = refused(view)) {
    identity.resource->refused = now;
    return *outcome;
  }
  series = &index.add(identity);
  if (learns) index.learn(*learned, *series);
  standing.attach(*series);
  series->shape = shape;
  return put(*series, offered, now);
}

template <class P>
Appended Store::State::append(Series& series, Shape shape, const P& offered, Timestamp now) {
  const Point& point = sample_of(offered);
  const Duration retention = series.spelling->metric->retention;
  if (const auto outcome = misplaced(point.time, retention, now)) {
    note_clock(SeriesIndex::identity_of(series), point.time, now);
    return *outcome;
  }
  if (point.no_recorded_value) {
    series.ended = std::max(series.ended, point.time);
    standing.touch(series);
    return Appended::no_value;
  }
  series.shape = shape;
  return put(series, offered, now);
}

std::optional<Appended> Store::State::misplaced(Timestamp time, Duration retention,
                                                Timestamp now) const {
  if (time > now + options.ahead_max) return Appended::too_far_ahead;
  if (time.ns < 0 || time < now - retention) return Appended::too_old;
  return std::nullopt;
}

void Store::State::note_clock(const SeriesIndex::Identity& identity, Timestamp time,
                              Timestamp now) {
  const auto clock = wrong_clocks.note(identity, time, now);
  if (!clock) return;
  log.warn("points are refused for their time", {{"sender", sender_name(clock->resource)},
                                                 {"metric", identity.metric},
                                                 {"offset", base::format_duration(clock->offset)}});
}

void Store::State::note_joint(const Series& series, Joint joint, Timestamp now) {
  if (joint == Joint::gap) return metrics.gap();
  metrics.overlap();
  const auto overlap = overlaps.note(series, now);
  if (!overlap) return;
  log.warn("points overlap in time: a series has two senders",
           {{"sender", sender_name(overlap->resource)}, {"metric", overlap->metric}});
}

std::optional<Appended> Store::State::refused(const SeriesView& view) {
  if (!within({options.labels_per_series_max, options.label_bytes_max}, view))
    return Appended::label_limit;
  if (index.size() < options.series_max) return std::nullopt;
  if (!std::exchange(full, true)) {
    log.warn("series limit reached, new series are dropped", {{"limit", options.series_max}});
  }
  return Appended::series_limit;
}

template <class P>
Appended Store::State::put(Series& series, const P& offered, Timestamp now) {
  const Point& point = sample_of(offered);
  // What is too old stays until its place is needed, or the sweep comes by.
  if (series.samples.full())
    samples -= drop_before(series, now - series.spelling->metric->retention);
  const bool crowded = series.samples.size() >= options.samples_per_series_max;
  if (crowded && point.time < series.samples.all().front().time()) return Appended::too_old;
  if (const Joint joint = note_start(series, point); joint != Joint::none)
    note_joint(series, joint, now);
  series.resource->newest = std::max(series.resource->newest, std::min(point.time, now));
  const bool added = series.samples.insert({point.time, point.value});
  if (added && crowded) drop_oldest(series);
  if (added && !crowded) ++samples;
  if (added) written.count(*series.spelling->metric);
  if constexpr (std::is_same_v<P, HistogramPoint>)
    histograms.insert(series, point.time, offered.histogram);
  standing.touch(series);
  return added ? Appended::stored : Appended::duplicate;
}

// Returns how many samples went.
std::size_t Store::State::drop_before(Series& series, Timestamp from) {
  const std::size_t dropped = series.samples.drop_before(from);
  if (dropped > 0) series.starts.drop_before(from);
  if (dropped > 0 && series.histograms != 0) histograms.drop_before(series, from);
  return dropped;
}

void Store::State::drop_oldest(Series& series) {
  series.samples.drop_oldest();
  if (series.histograms != 0) histograms.drop_before(series, series.samples.all().front().time());
}

void Store::State::sweep(Timestamp now) {
  if (index.size() < options.series_max - options.series_max / 10) full = false;
  const auto& metrics_by_name = index.metrics();
  auto next = metrics_by_name.lower_bound(sweep_metric);
  if (next == metrics_by_name.end() || next->first != sweep_metric) sweep_position = 0;
  std::size_t budget = sweep_series_max;
  // Once around; the metric in whose middle it begins comes twice.
  for (std::size_t left = metrics_by_name.size() + (sweep_position > 0 ? 1 : 0);
       left > 0 && budget > 0; --left) {
    if (next == metrics_by_name.end()) next = metrics_by_name.begin();
    if (next == metrics_by_name.end()) break;
    const auto current = next++;
    budget -= sweep(*current->second, now, budget);
    if (sweep_position > 0) {  // the budget ended inside this metric
      sweep_metric = current->first;
      return;
    }
    index.tidy(*current->second);
  }
  sweep_metric = next == metrics_by_name.end() ? std::string() : next->first;
}

// Sweeps from sweep_position on, which is left where the budget ended, or at 0. Returns how many
// series it looked at.
std::size_t Store::State::sweep(Metric& metric, Timestamp now, std::size_t budget) {
  std::vector<Series*> gone;
  std::size_t looked = 0;
  std::size_t position = std::exchange(sweep_position, 0);
  while (position < metric.series.size() && looked < budget) {
    ++looked;
    Series& series = *metric.series[position];
    const Timestamp from = now - metric.retention;
    if (series.newest() < from) {
      gone.push_back(
          index.take(metric, position));  // with its samples: they say when it was silent
      continue;
    }
    samples -= drop_before(series, from);
    series.samples.shrink();
    ++position;
  }
  if (position < metric.series.size()) sweep_position = position;
  let_go(metric, gone);
  return looked;
}

void Store::State::let_go(Metric& metric, const std::vector<Series*>& gone) {
  if (gone.empty()) return;
  for (Series* series : gone) {
    standing.detach(*series);
    samples -= series->samples.size();
    if (series->histograms != 0) histograms.release(*series);
    index.destroy(series);
  }
  if (index.drop_spellings(metric)) standing.recollect(metric);
}

}  // namespace tsdb
