#include "tsdb/store.h"

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>

#include "tsdb/evaluate.h"
#include "tsdb/limits.h"
#include "tsdb/metrics.h"
#include "tsdb/overlaps.h"
#include "tsdb/points_written.h"
#include "tsdb/restore.h"
#include "tsdb/selector.h"
#include "tsdb/series_index.h"
#include "tsdb/wrong_clocks.h"

namespace tsdb {
namespace {

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

// Whether a point newer than all others goes on where they ended, as most do.
bool goes_on(const Series& series, const Point& point) {
  if (series.shape == Shape::level) return true;
  return point.start == (series.shape == Shape::counter ? series.start : series.newest());
}

// Looks at what is before only where a start differs from the one in force.
Joint note_counter(Series& series, const Point& point) {
  if (series.samples.empty()) {
    series.set_starts(Starts(point.start));
    return Joint::none;
  }
  const Timestamp known = series.starts() ? series.starts()->at(point.time) : series.start;
  if (known == point.start) return Joint::none;
  series.note_start(point.time, point.start, time_after(series.samples, point.time));
  return joint_of(sample_before(series.samples, point.time), point.start);
}

Joint note_start(Series& series, const Point& point) {
  if (series.shape == Shape::level) return Joint::none;
  if (series.shape == Shape::counter) return note_counter(series, point);
  return joint_of(sample_before(series.samples, point.time), point.start);
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

Limits limits_of(const Options& options) {
  return {.series_max = options.series_max,
          .series_per_resource_max = options.series_per_resource_max,
          .bytes_max = options.bytes_max,
          .labels = {options.labels_per_series_max, options.label_bytes_max}};
}

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

Store::Store(Options options, std::size_t shard, SharedByShards& shared,
             base::metrics::Registry& metrics)
    : state_(std::make_unique<State>(options, shard, shared, metrics)) {}

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

std::uint64_t Store::removals() const {
  return state_->removals;
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
  prefetch_head(series);
}

void Store::prefetch_samples(const Series& series) const {
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

void Store::publish(Timestamp now, News& news) {
  state_->standing.publish(now, news.parts);
  state_->tell_notes(news);
  state_->publish_sizes();
}

std::size_t Store::sweep(Timestamp now, std::size_t series_max) {
  return state_->sweep(now, series_max);
}

void Store::tick(Timestamp now) {
  state_->written.publish();
  state_->wrong_clocks.forget(now);
  state_->overlaps.forget(now);
}

PartialAnswer Store::evaluate(const Question& question, Timestamp now) const {
  std::vector<Series*> matching;
  const Selector selector(question.query.matchers);
  const Metric* metric = state_->index.metric(fold_name(question.query.metric));
  if (metric == nullptr) return {};
  std::ranges::copy_if(metric->series, std::back_inserter(matching), [&](const Series* series) {
    return metric->answers(question.query.metric, *series) &&
           selector.matches([series](std::string_view name) { return label_of(*series, name); });
  });
  PartialAnswer part =
      partial_answer(question, matching, question.window.value_or(state_->options.retention), now);
  part.exact = metric->spellings.contains(question.query.metric);
  return part;
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

NumberedPart Store::stand(std::shared_ptr<StandingAnswer> whole, Timestamp now) {
  NumberedPart part = state_->standing.add(std::move(whole), now);
  state_->publish_sizes();
  return part;
}

void Store::end_standing(StandingId id) {
  state_->standing.remove(id);
  state_->publish_sizes();
}

std::optional<NumberedPart> Store::part(StandingId id, Timestamp now) {
  return state_->standing.part(id, now);
}

NameSlice Store::names(std::string_view from, std::size_t limit) const {
  return names_from(state_->index, from, limit);
}

std::optional<std::string> Store::metric_from(std::string_view name) const {
  return tsdb::metric_from(state_->index, name);
}

std::size_t Store::list_series(std::string_view metric, std::size_t left, ListingRoom& room,
                               std::vector<SeriesRow>& rows) const {
  return tsdb::list_series(state_->index, metric, left, room, rows);
}

MetadataSlice Store::metadata(std::string_view from, std::size_t limit) const {
  return metadata_from(state_->index, from, limit);
}

std::vector<Metadata> Store::metadata_of(std::string_view name) const {
  return tsdb::metadata_of(state_->index, name);
}

std::optional<Place> Store::count(const Place& from, std::size_t labels_max,
                                  Cardinality& into) const {
  return count_from(state_->index, from, labels_max, into);
}

std::size_t Store::series_count() const {
  return state_->index.size();
}

std::optional<Place> Store::write_block(const Place& from, std::size_t bytes_max,
                                        std::string& block) const {
  return tsdb::write_block({state_->index, state_->histograms}, from, bytes_max, block);
}

Restored Store::restore(const Snapshot& snapshot, const std::function<bool(std::string_view)>& ours,
                        Timestamp now) {
  const std::size_t other_bytes = state_->shared.bytes - state_->bytes_told;
  Restorer restorer({.index = state_->index,
                     .histograms = state_->histograms,
                     .standing = state_->standing,
                     .admission = state_->admission,
                     .other_bytes = other_bytes},
                    ours, state_->options.ahead_max, now);
  snapshot.visit(restorer);
  state_->samples += restorer.restored().samples;
  state_->samples_bytes += restorer.restored().bytes;
  state_->publish_sizes();
  return restorer.restored();
}

Footprint Store::footprint() const {
  return state_->footprint();
}

const Options& Store::options() const {
  return state_->options;
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
  state_->publish_sizes();
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
  if (const auto outcome = admission.refused(view, *identity.resource, bytes_of_all(), now))
    return *outcome;
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
    series.end(point.time);
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
  if (clock) clock_notes.push_back({*clock, std::string(identity.metric)});
}

void Store::State::tell_notes(News& news) {
  if (!clock_notes.empty()) news.clocks = std::exchange(clock_notes, {});
  if (!overlap_notes.empty()) news.overlaps = std::exchange(overlap_notes, {});
  news.limits = admission.news();
}

void Store::State::publish_sizes() {
  const Footprint now = footprint();
  metrics.publish({.series = index.size(),
                   .samples = samples,
                   .histograms = histograms.points(),
                   .footprint = now});
  shared.bytes += now.total() - bytes_told;  // wraps where it is less
  bytes_told = now.total();
  shared.links += standing.links() - links_told;  // likewise
  links_told = standing.links();
}

Footprint Store::State::footprint() const {
  Footprint all = index.footprint();
  all.samples = samples_bytes + histograms.bytes();
  return all;
}

// Of all shards, as far as the others have told.
std::size_t Store::State::bytes_of_all() const {
  return shared.bytes - bytes_told + footprint().total();
}

bool Store::State::may_be_crowded(const Series& series) const {
  return series.samples.full() || series.samples.size() >= options.samples_per_series_max;
}

// Whether the next sample of `series` takes the place of its oldest. What is too old stays until
// its room is needed, or the sweep comes by.
bool Store::State::is_crowded(Series& series, Timestamp now) {
  if (series.samples.full())
    samples -= drop_before(series, now - series.spelling->metric->retention);
  if (series.samples.size() >= options.samples_per_series_max) return true;
  return series.samples.needs_memory() && !series.samples.empty() &&
         !admission.has_room(bytes_of_all());
}

void Store::State::displace_oldest(Series& series) {
  series.samples.drop_oldest();
  --samples;
  metrics.displaced();
  if (series.histograms == 0) return;
  const Timestamp from =
      series.samples.empty() ? Timestamp{INT64_MAX} : series.samples.all().front().time();
  histograms.drop_before(series, from);
}

void Store::State::note_joint(const Series& series, Joint joint, Timestamp now) {
  if (joint == Joint::none) return;
  if (joint == Joint::gap) return metrics.gap();
  metrics.overlap();
  if (auto overlap = overlaps.note(series, now)) overlap_notes.push_back(std::move(*overlap));
}

// Into full samples, which may move.
bool Store::State::insert_into_full(Series& series, Sample sample) {
  const std::size_t bytes = series.samples.bytes();
  const bool added = series.samples.insert(sample);
  samples_bytes += series.samples.bytes() - bytes;
  return added;
}

template <class P>
Appended Store::State::put(Series& series, const P& offered, Timestamp now) {
  const Point& point = sample_of(offered);
  const bool crowded = may_be_crowded(series) && is_crowded(series, now);
  if (crowded && point.time < series.samples.all().front().time()) return Appended::too_old;
  const bool is_next = point.time > series.newest();
  if (crowded && is_next) displace_oldest(series);
  if (!is_next || !goes_on(series, point)) note_joint(series, note_start(series, point), now);
  series.resource->newest = std::max(series.resource->newest, std::min(point.time, now));
  const Sample sample(point.time, point.value);
  const bool added =
      series.samples.full() ? insert_into_full(series, sample) : series.samples.insert(sample);
  if (added && crowded && !is_next) displace_oldest(series);
  if (added) {
    ++samples;
    written.count(*series.spelling->metric);
    metrics.delay(now - point.time);
  }
  if constexpr (std::is_same_v<P, HistogramPoint>)
    histograms.insert(series, point.time, offered.histogram);
  standing.touch(series);
  return added ? Appended::stored : Appended::duplicate;
}

// Returns how many samples went.
std::size_t Store::State::drop_before(Series& series, Timestamp from) {
  const std::size_t dropped = series.samples.drop_before(from);
  if (dropped > 0) series.drop_starts_before(from);
  if (dropped > 0 && series.histograms != 0) histograms.drop_before(series, from);
  return dropped;
}

std::size_t Store::State::sweep(Timestamp now, std::size_t series_max) {
  admission.shrunk(bytes_of_all());
  const auto& metrics_by_name = index.metrics();
  auto next = metrics_by_name.lower_bound(sweep_metric);
  if (next == metrics_by_name.end() || next->first != sweep_metric) sweep_position = 0;
  std::size_t budget = series_max;
  // Once around; the metric in whose middle it begins comes twice.
  for (std::size_t left = metrics_by_name.size() + (sweep_position > 0 ? 1 : 0);
       left > 0 && budget > 0; --left) {
    if (next == metrics_by_name.end()) next = metrics_by_name.begin();
    if (next == metrics_by_name.end()) break;
    const auto current = next++;
    budget -= sweep(*current->second, now, budget);
    if (sweep_position > 0) {  // the budget ended inside this metric
      sweep_metric = current->first;
      return series_max - budget;
    }
    index.tidy(*current->second);
  }
  sweep_metric = next == metrics_by_name.end() ? std::string() : next->first;
  return series_max - budget;
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
    samples_bytes -= series.samples.bytes();
    series.samples.shrink();
    samples_bytes += series.samples.bytes();
    ++position;
  }
  if (position < metric.series.size()) sweep_position = position;
  let_go(metric, gone);
  return looked;
}

void Store::State::let_go(Metric& metric, const std::vector<Series*>& gone) {
  if (gone.empty()) return;
  ++removals;
  shared.series -= gone.size();
  for (Series* series : gone) {
    standing.detach(*series);
    samples -= series->samples.size();
    samples_bytes -= series->samples.bytes();
    if (series->histograms != 0) histograms.release(*series);
    index.destroy(series);
  }
  if (index.drop_spellings(metric)) standing.recollect(metric);
}

}  // namespace tsdb
