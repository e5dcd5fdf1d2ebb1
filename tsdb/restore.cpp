#include "tsdb/restore.h"

#include <algorithm>
#include <utility>

namespace tsdb {

void Restorer::block() {
  names_.clear();
  sets_.clear();
}

void Restorer::metric(std::string_view name, Duration retention) {
  names_.push_back({.name = name, .retention = retention});
}

void Restorer::labels(std::string_view packed) {
  sets_.push_back({.packed = packed});
}

void Restorer::series(SnapshotSeries from) {
  if (!is_ours(sets_[from.resource])) return;
  Name& name = names_[from.metric];
  Samples samples = Samples::copy_of(from.samples, now_ - name.retention, now_ + ahead_max_);
  if (samples.empty()) {
    ++restored_.outdated;
    return;
  }
  const auto identity = identity_of(from);
  // A snapshot may hold a series twice, see tsdb/listing.h; and its sender may have been faster.
  if (parts_.index.find(identity) != nullptr) return;
  LabelSet& resource = *identity.resource;
  const std::size_t bytes = parts_.index.footprint().total() + restored_.bytes + parts_.other_bytes;
  if (parts_.admission.refused(resource, bytes, now_)) {
    ++restored_.refused;
    return;
  }
  Series& series = parts_.index.add(identity, name.spelling);
  name.spelling = series.spelling;
  Metric& metric = *series.spelling->metric;
  metric.retention = std::max(metric.retention, name.retention);
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
