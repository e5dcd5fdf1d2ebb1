#include "otlp/intake.h"

#include <algorithm>
#include <span>

namespace otlp {
namespace {

// How many series are on their way from memory at once.
constexpr std::size_t fetched_ahead = 8;

auto stretch_of(auto& array, Batch::Range rows) {
  return std::span(array).subspan(rows.begin, rows.size());
}

std::uint32_t end_of(const auto& array) {
  return static_cast<std::uint32_t>(array.size());
}

}  // namespace

Result<Tally> Intake::take(Batch& batch, Timestamp now) {
  RowLabels labels(batch);
  Tally tally;
  tally.dropped[static_cast<std::size_t>(Drop::empty)] = batch.empty_points;
  tally.flawed = batch.flawed;
  tally.exemplars = batch.exemplars;
  tally.skipped_metrics = batch.skipped_metrics;
  known_.assign(batch.rows.size(), nullptr);
  unknown_.clear();
  TRY_VOID(divide(batch, labels));
  if (parts_used_ == 1) {
    TRY_VOID(take_alone(batch, labels, now, tally));
  } else if (parts_used_ > 1) {
    TRY_VOID(take_divided(batch, labels, now, tally));
  }
  return tally;
}

Result<void> Intake::divide(const Batch& batch, RowLabels& labels) {
  parts_used_ = 0;
  std::size_t shard = 0;
  for (std::uint32_t number = 0; number < batch.metrics.size(); ++number) {
    const Batch::Metric& metric = batch.metrics[number];
    const std::uint32_t resource = batch.scopes[metric.scope].resource;
    const bool goes_on =
        number > 0 && resource == batch.scopes[batch.metrics[number - 1].scope].resource;
    if (!goes_on) {
      TRY(shard, shard_of(batch, resource, labels));
    }
    add(shard, number, metric);
  }
  std::sort(parts_.begin(), parts_.begin() + static_cast<std::ptrdiff_t>(parts_used_),
            [this](const ShardPart& a, const ShardPart& b) {
              const auto turn = [this](const ShardPart& part) {
                return (part.shard + store_.size() - first_shard_) % store_.size();
              };
              return turn(a) < turn(b);
            });
  return {};
}

Result<std::size_t> Intake::shard_of(const Batch& batch, std::uint32_t resource,
                                     RowLabels& labels) {
  if (store_.size() == 1) return 0;
  const Batch::Attributes& attributes = batch.resources[resource];
  if (!batch.digested()) return store_.home_of(batch.labels_of(attributes)).shard;
  if (const auto known = homes_.find(attributes.digest)) return *known;
  TRY(const auto read, labels.read_resource(resource));
  const auto home = store_.home_of(batch.labels_of(read));
  if (!home.repeated) homes_.remember(attributes.digest, home.shard);
  return home.shard;
}

void Intake::add(std::size_t shard, std::uint32_t number, const Batch::Metric& metric) {
  const auto end = parts_.begin() + static_cast<std::ptrdiff_t>(parts_used_);
  auto part = std::find_if(parts_.begin(), end, [&](const auto& p) { return p.shard == shard; });
  if (part == end) {
    if (parts_used_ == parts_.size()) parts_.emplace_back();
    part = parts_.begin() + static_cast<std::ptrdiff_t>(parts_used_++);
    part->shard = shard;
    part->runs.clear();
  }
  if (part->runs.empty() || part->runs.back().metrics.end != number ||
      part->runs.back().rows.end != metric.points.begin) {
    part->runs.push_back({{number, number + 1}, metric.points});
  } else {
    part->runs.back().metrics.end = number + 1;
    part->runs.back().rows.end = metric.points.end;
  }
}

// One shard, one lock, taken once. What goes wrong does so before anything is stored.
Result<void> Intake::take_alone(const Batch& batch, RowLabels& labels, Timestamp now,
                                Tally& tally) {
  ShardPart& part = parts_.front();
  Result<void> read;
  store_.write(part.shard, now, [&](tsdb::Store& store, Timestamp moment) {
    find(store, batch, part);
    read = read_unknown(batch, part, labels);
    if (read) append({store, batch, part, labels, moment}, tally);
  });
  return read;
}

// Of several shards one at a time is locked, twice: all of the batch must have been read before
// anything is stored, and meanwhile others may go on.
Result<void> Intake::take_divided(const Batch& batch, RowLabels& labels, Timestamp now,
                                  Tally& tally) {
  const std::span parts(parts_.data(), parts_used_);
  for (ShardPart& part : parts) {
    store_.look(part.shard, [&](const tsdb::Store& store) { find(store, batch, part); });
    TRY_VOID(read_unknown(batch, part, labels));
  }
  for (ShardPart& part : parts) {
    store_.write(part.shard, now, [&](tsdb::Store& store, Timestamp moment) {
      if (store.removals() != part.removals) find(store, batch, part);
      append({store, batch, part, labels, moment}, tally);
    });
  }
  return {};
}

void Intake::find(const tsdb::Store& store, const Batch& batch, ShardPart& part) {
  if (!batch.digested()) return;
  part.removals = store.removals();
  for (const Run& run : part.runs) {
    const auto digests = std::span(batch.digests).subspan(run.rows.begin, run.rows.size());
    store.find(digests, stretch_of(known_, run.rows));
  }
}

Result<void> Intake::read_unknown(const Batch& batch, ShardPart& part, RowLabels& labels) {
  part.unknown = {end_of(unknown_), end_of(unknown_)};
  if (!batch.digested()) return {};
  for (const Run& run : part.runs) {
    for (std::uint32_t number = run.metrics.begin; number < run.metrics.end; ++number) {
      const Batch::Metric& metric = batch.metrics[number];
      for (std::uint32_t i = metric.points.begin; i < metric.points.end; ++i) {
        if (known_[i] != nullptr) continue;
        TRY(const auto read, labels.read(metric, batch.rows[i]));
        unknown_.push_back({i, read});
      }
    }
  }
  part.unknown.end = end_of(unknown_);
  return {};
}

void Intake::append(const Into& into, Tally& tally) {
  for (const Run& run : into.part.runs) {
    for (std::uint32_t number = run.metrics.begin; number < run.metrics.end; ++number) {
      const Batch::Metric& metric = into.batch.metrics[number];
      const auto shape = tsdb::shape_of(metric.kind, metric.temporality, metric.monotonic);
      const bool numbers = metric.histograms.size() == 0;
      for (std::uint32_t i = metric.points.begin; i < metric.points.end; ++i) {
        prefetch(into.store, i, run.rows.end);
        const tsdb::Point& point = into.batch.rows[i].point;
        const bool usual = known_[i] != nullptr && numbers && point.time != Timestamp{};
        const auto outcome = usual ? into.store.append(*known_[i], shape, point, into.now)
                                   : append_row(into, metric, i);
        if (!metric.beside) tally.count(outcome);
      }
      if (!metric.beside) describe(into.store, metric);
    }
  }
}

// The series first, and what it points to when that has come.
void Intake::prefetch(const tsdb::Store& store, std::uint32_t row, std::uint32_t end) const {
  const auto series_at = [&](std::size_t at) { return at < end ? known_[at] : nullptr; };
  if (const auto* far = series_at(row + 2 * fetched_ahead)) store.prefetch(*far);
  if (const auto* near = series_at(row + fetched_ahead)) store.prefetch_samples(*near);
}

void Intake::describe(tsdb::Store& store, const Batch::Metric& metric) {
  if (metric.points.size() == 0) return;
  const tsdb::Series* series = known_[metric.points.begin];
  if (series != nullptr) return store.describe(*series, Batch::metadata_of(metric));
  store.describe(metric.name, Batch::metadata_of(metric));
}

tsdb::Appended Intake::append_row(const Into& into, const Batch::Metric& metric,
                                  std::uint32_t row) {
  tsdb::Point point = into.batch.rows[row].point;
  if (point.time == Timestamp{}) point.time = into.now;
  const auto histogram = into.batch.histogram_of(metric, row);
  if (histogram)
    return append_point(into, metric, row, tsdb::Store::HistogramPoint{point, *histogram});
  return append_point(into, metric, row, point);
}

template <class P>
tsdb::Appended Intake::append_point(const Into& into, const Batch::Metric& metric,
                                    std::uint32_t row, const P& point) {
  const auto& [store, batch, part, labels, now] = into;
  if (known_[row] != nullptr) {
    const auto shape = tsdb::shape_of(metric.kind, metric.temporality, metric.monotonic);
    return store.append(*known_[row], shape, point, now);
  }
  if (!batch.digested()) {
    tsdb::SeriesView series = batch.series_of(metric);
    series.attributes = batch.labels_of(batch.rows[row].attributes);
    return store.append(series, point, now);
  }
  if (const auto* read = labels_read(part, row))
    return store.append(labels.view(metric, *read), batch.digests[row], point, now);
  // Its series has left since it was looked up. It was learned from these very bytes, so only the
  // limit of a request's labels can be in the way.
  const auto late = labels.read(metric, batch.rows[row]);
  if (!late) return tsdb::Appended::label_limit;
  return store.append(labels.view(metric, *late), batch.digests[row], point, now);
}

// The labels of a row whose series was unknown when it was looked up.
const Batch::Range* Intake::labels_read(const ShardPart& part, std::uint32_t row) const {
  const auto unknown = stretch_of(unknown_, part.unknown);
  const auto found = std::ranges::lower_bound(unknown, row, {}, &Unknown::row);
  return found == unknown.end() || found->row != row ? nullptr : &found->labels;
}

}  // namespace otlp
