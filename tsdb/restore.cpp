#include "tsdb/restore.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace tsdb {

void Restorer::block() {
  names_.clear();
  sets_.clear();
  bounds_.clear();
  last_ = nullptr;
}

void Restorer::metric(std::string_view name, Duration retention) {
  names_.push_back({.name = name, .retention = retention});
}

void Restorer::metadata(const MetadataView& said) {
  names_.back().said = said;
}

void Restorer::labels(std::string_view packed) {
  sets_.push_back({.packed = packed});
}

void Restorer::bounds(std::span<const double> bounds) {
  bounds_.emplace_back(bounds.begin(), bounds.end());
}

void Restorer::series(SnapshotSeries from) {
  last_ = put_back(std::move(from));
}

void Restorer::histogram(const SnapshotHistogram& from) {
  if (last_ == nullptr || from.time < last_->samples.all().front().time()) return;
  if (from.time > last_->newest()) return;
  PackedHistogram packed{.bounds = {}, .bytes = from.packed};
  if (from.bounds) packed.bounds = bounds_[*from.bounds];
  parts_.histograms.insert(*last_, from.time, packed);
  ++restored_.histograms;
}

// Returns nullptr where it stays out.
Series* Restorer::put_back(SnapshotSeries from) {
  if (!is_ours(sets_[from.resource])) return nullptr;
  Name& name = names_[from.metric];
  Samples samples = Samples::copy_of(from.samples, now_ - name.retention, now_ + ahead_max_);
  if (samples.empty()) {
    ++restored_.outdated;
    return nullptr;
  }
  const auto identity = identity_of(from);
  // A snapshot may hold a series twice, see tsdb/listing.h; and its sender may have been faster.
  if (parts_.index.find(identity) != nullptr) return nullptr;
  LabelSet& resource = *identity.resource;
  const std::size_t bytes = parts_.index.footprint().total() + restored_.bytes +
                            parts_.histograms.bytes() + parts_.other_bytes;
  if (parts_.admission.refused(resource, bytes, now_)) {
    ++restored_.refused;
    return nullptr;
  }
  Series& series = parts_.index.add(identity, name.spelling);
  name.spelling = series.spelling;
  Metric& metric = *series.spelling->metric;
  metric.retention = std::max(metric.retention, name.retention);
  if (name.said && !metric.metadata) {
    metric.metadata = std::make_unique<Metadata>();
    metric.metadata->set(*name.said);
  }
  series.shape = from.shape;
  if (from.ended != Timestamp{}) series.end(from.ended);
  from.starts.drop_before(samples.all().front().time());
  series.set_starts(std::move(from.starts));
  series.samples = std::move(samples);
  resource.newest = std::max(resource.newest, std::min(series.newest(), now_));
  ++restored_.series;
  restored_.samples += series.samples.size();
  restored_.bytes += series.samples.bytes();
  parts_.standing.attach(series);
  parts_.standing.touch(series);
  return &series;
}

bool Restorer::is_ours(Set& resource) const {
  if (!resource.ours) resource.ours = ours_(resource.packed);
  return *resource.ours;
}

LabelSet& Restorer::held(Set& set) {
  LabelSets& sets = parts_.index.sets();
  if (!set.held) set.held = HeldSet(sets.hold_packed(set.packed), Release{&sets});
  return *set.held;
}

SeriesIndex::Identity Restorer::identity_of(const SnapshotSeries& from) {
  return SeriesIndex::identity_of(held(sets_[from.resource]), held(sets_[from.scope]),
                                  names_[from.metric].name, held(sets_[from.attributes]));
}

}  // namespace tsdb
