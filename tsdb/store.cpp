#include "tsdb/store.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tsdb/evaluate.h"
#include "tsdb/metrics.h"
#include "tsdb/points_written.h"
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

void note_start(Series& series, const Point& point) {
  if (series.shape != Shape::counter) return;
  if (series.samples.empty()) series.starts = Starts(point.start);
  series.starts.note(point.time, point.start, time_after(series.samples, point.time));
}

void prefetch_head(const Series& series) {
  constexpr std::size_t line = 64;
  const char* bytes = reinterpret_cast<const char*>(&series);
  for (std::size_t at = 0; at < sizeof(Series); at += line) __builtin_prefetch(bytes + at, 1);
}

// Returns how many samples went.
std::size_t drop_before(Series& series, Timestamp from) {
  const std::size_t dropped = series.samples.drop_before(from);
  if (dropped > 0) series.starts.drop_before(from);
  return dropped;
}

}  // namespace

struct Store::State {
  Options options;
  SharedByShards& shared;
  StoreMetrics metrics;
  PointsWritten written;
  SeriesIndex index;
  StandingQueries standing;
  WrongClocks wrong_clocks;
  std::vector<WrongClockNote> clock_notes;  // not told yet
  std::size_t samples = 0;
  std::size_t links_told = 0;  // of standing.links(), in `shared`
  std::uint64_t removals = 0;
  bool full = false;  // the series limit was reached
  // Where the next sweep goes on.
  std::string sweep_metric;
  std::size_t sweep_position = 0;

  State(Options given, std::size_t shard, SharedByShards& common, base::metrics::Registry& registry)
      : options(given),
        shared(common),
        metrics(registry),
        written(common.written),
        index(given.retention),
        standing(index, given.retention, shard) {}

  // `learned`: nullptr where the series has no digest.
  Appended append(const SeriesView& view, const Digest* learned, const Point& point, Timestamp now);
  Appended append(Series& series, Shape shape, const Point& point, Timestamp now);
  std::optional<Appended> misplaced(Timestamp time, Duration retention, Timestamp now) const;
  void note_clock(const SeriesIndex::Identity& identity, Timestamp time, Timestamp now);
  std::optional<Appended> refused(const SeriesView& view);
  bool take_room();
  Appended put(Series& series, const Point& point, Timestamp now);
  std::size_t sweep(Timestamp now, std::size_t budget);
  std::size_t sweep(Metric& metric, Timestamp now, std::size_t budget);
  void let_go(Metric& metric, const std::vector<Series*>& gone);
  void tell_notes(News& news);
  void publish_sizes();
};

Store::Store(Options options, std::size_t shard, SharedByShards& shared,
             base::metrics::Registry& metrics)
    : state_(std::make_unique<State>(options, shard, shared, metrics)) {}

Store::~Store() = default;

Appended Store::append(const SeriesView& series, const Point& point, Timestamp now) {
  const Appended outcome = state_->append(series, nullptr, point, now);
  state_->metrics.count(outcome);
  return outcome;
}

Appended Store::append(const SeriesView& series, const Digest& digest, const Point& point,
                       Timestamp now) {
  const Appended outcome = state_->append(series, &digest, point, now);
  state_->metrics.count(outcome);
  return outcome;
}

Appended Store::append(Series& series, Shape shape, const Point& point, Timestamp now) {
  const Appended outcome = state_->append(series, shape, point, now);
  state_->metrics.count(outcome);
  return outcome;
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
  series.samples.prefetch();
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

std::optional<WrongClock> Store::wrong_clock(const Question& question, Timestamp now) const {
  const Duration window = question.window.value_or(state_->options.retention);
  return state_->wrong_clocks.of(question, now - window);
}

std::vector<WrongClock> Store::wrong_clocks() const {
  return state_->wrong_clocks.list();
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
  state_->publish_sizes();
}

Appended Store::State::append(const SeriesView& view, const Digest* learned, const Point& point,
                              Timestamp now) {
  const auto identity = index.identify(view);
  Series* series = index.find(identity);
  const Shape shape = shape_of(view.kind, view.temporality, view.monotonic);
  const bool learns = learned != nullptr && !identity.repeated;
  if (series) {
    if (learns) index.learn(*learned, *series);
    return append(*series, shape, point, now);
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
  return put(*series, point, now);
}

Appended Store::State::append(Series& series, Shape shape, const Point& point, Timestamp now) {
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
  return put(series, point, now);
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

std::optional<Appended> Store::State::refused(const SeriesView& view) {
  if (!within({options.labels_per_series_max, options.label_bytes_max}, view))
    return Appended::label_limit;
  if (take_room()) return std::nullopt;
  full = true;
  return Appended::series_limit;
}

// For one more series, whose shards all draw from one limit.
bool Store::State::take_room() {
  if (shared.series.fetch_add(1) < options.series_max) return true;
  --shared.series;
  return false;
}

void Store::State::tell_notes(News& news) {
  if (!clock_notes.empty()) news.clocks = std::exchange(clock_notes, {});
  news.full = full && !shared.full_told.exchange(true);
}

void Store::State::publish_sizes() {
  metrics.publish({index.size(), samples});
  shared.links += standing.links() - links_told;  // wraps where it is less
  links_told = standing.links();
}

Appended Store::State::put(Series& series, const Point& point, Timestamp now) {
  // What is too old stays until its place is needed, or the sweep comes by.
  if (series.samples.full())
    samples -= drop_before(series, now - series.spelling->metric->retention);
  const bool crowded = series.samples.size() >= options.samples_per_series_max;
  if (crowded && point.time < series.samples.all().front().time()) return Appended::too_old;
  note_start(series, point);
  series.resource->newest = std::max(series.resource->newest, std::min(point.time, now));
  const bool added = series.samples.insert({point.time, point.value});
  if (added && crowded) series.samples.drop_oldest();
  if (added && !crowded) ++samples;
  if (added) written.count(*series.spelling->metric);
  standing.touch(series);
  return added ? Appended::stored : Appended::duplicate;
}

std::size_t Store::State::sweep(Timestamp now, std::size_t series_max) {
  if (shared.series < options.series_max - options.series_max / 10) {
    full = false;
    shared.full_told = false;
  }
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
    series.samples.shrink();
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
    index.destroy(series);
  }
  if (index.drop_spellings(metric)) standing.recollect(metric);
}

}  // namespace tsdb
