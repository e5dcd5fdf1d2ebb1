#include "otlp/intake.h"

#include <algorithm>
#include <span>

namespace otlp {
namespace {

// How many series are on their way from memory at once.
constexpr std::size_t fetched_ahead = 8;

template <class T>
std::span<T> rows_in(std::vector<T>& array, Batch::Range rows) {
  return std::span(array).subspan(rows.begin, rows.size());
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
  next_unknown_ = 0;
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
    if (read) append(store, batch, part, labels, moment, tally);
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
      append(store, batch, part, labels, moment, tally);
    });
  }
  return {};
}

void Intake::find(const tsdb::Store& store, const Batch& batch, ShardPart& part) {
  if (!batch.digested()) return;
  part.removals = store.removals();
  for (const Run& run : part.runs) {
    const auto digests = std::span(batch.digests).subspan(run.rows.begin, run.rows.size());
    store.find(digests, rows_in(known_, run.rows));
  }
}

Result<void> Intake::read_unknown(const Batch& batch, const ShardPart& part, RowLabels& labels) {
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
  return {};
}

void Intake::append(tsdb::Store& store, const Batch& batch, const ShardPart& part,
                    RowLabels& labels, Timestamp now, Tally& tally) {
  for (const Run& run : part.runs) {
    for (std::uint32_t number = run.metrics.begin; number < run.metrics.end; ++number) {
      const Batch::Metric& metric = batch.metrics[number];
      for (std::uint32_t i = metric.points.begin; i < metric.points.end; ++i) {
        if (i + fetched_ahead < run.rows.end && known_[i + fetched_ahead] != nullptr)
          store.prefetch(*known_[i + fetched_ahead]);
        const auto outcome = append_row(store, batch, metric, i, labels, now);
        if (!metric.beside) tally.count(outcome);
      }
      if (!metric.beside) describe(store, metric);
    }
  }
}

void Intake::describe(tsdb::Store& store, const Batch::Metric& metric) {
  if (metric.points.size() == 0) return;
  const tsdb::Series* series = known_[metric.points.begin];
  if (series != nullptr) return store.describe(*series, Batch::metadata_of(metric));
  store.describe(metric.name, Batch::metadata_of(metric));
}

tsdb::Appended Intake::append_row(tsdb::Store& store, const Batch& batch,
                                  const Batch::Metric& metric, std::uint32_t row, RowLabels& labels,
                                  Timestamp now) {
  tsdb::Point point = batch.rows[row].point;
  if (point.time == Timestamp{}) point.time = now;
  const auto histogram = batch.histogram_of(metric, row);
  if (histogram)
    return append_point(store, batch, metric, row, labels,
                        tsdb::Store::HistogramPoint{point, *histogram}, now);
  return append_point(store, batch, metric, row, labels, point, now);
}

template <class P>
tsdb::Appended Intake::append_point(tsdb::Store& store, const Batch& batch,
                                    const Batch::Metric& metric, std::uint32_t row,
                                    RowLabels& labels, const P& point, Timestamp now) {
  const Batch::Range* read = labels_read(row);
  if (known_[row] != nullptr) {
    const auto shape = tsdb::shape_of(metric.kind, metric.temporality, metric.monotonic);
    return store.append(*known_[row], shape, point, now);
  }
  if (!batch.digested()) {
    tsdb::SeriesView series = batch.series_of(metric);
    series.attributes = batch.labels_of(batch.rows[row].attributes);
    return store.append(series, point, now);
  }
  if (read != nullptr)
    return store.append(labels.view(metric, *read), batch.digests[row], point, now);
  // Its series has left since it was looked up. It was learned from these very bytes, so only the
  // limit of a request's labels can be in the way.
  const auto late = labels.read(metric, batch.rows[row]);
  if (!late) return tsdb::Appended::label_limit;
  return store.append(labels.view(metric, *late), batch.digests[row], point, now);
}

// The labels of a row whose series was unknown when it was looked up.
const Batch::Range* Intake::labels_read(std::uint32_t row) {
  if (next_unknown_ == unknown_.size() || unknown_[next_unknown_].row != row) return nullptr;
  return &unknown_[next_unknown_++].labels;
}

}  // namespace otlp
