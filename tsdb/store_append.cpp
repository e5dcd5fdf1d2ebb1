#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>

#include "tsdb/store_state.h"

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

}  // namespace tsdb
