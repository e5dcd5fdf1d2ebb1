#include "tsdb/restore.h"

#include <algorithm>
#include <utility>

#include "tsdb/metric_query.h"

namespace tsdb {

void Restorer::block() {
  names_.clear();
  sets_.clear();
}

void Restorer::metric(std::string_view name, Duration retention) {
  names_.push_back({.name = name, .retention = retention});
}

void Restorer::labels(std::string_view packed) {
  sets_.push_back(HeldSet(index_.sets().hold_packed(packed), Release{&index_.sets()}));
}

void Restorer::series(SnapshotSeries from) {
  Name& name = names_[from.metric];
  Samples samples = Samples::copy_of(from.samples, now_ - name.retention, now_ + ahead_max_);
  if (samples.empty()) {
    ++restored_.outdated;
    return;
  }
  LabelSet& resource = *sets_[from.resource];
  const auto identity =
      SeriesIndex::identity_of(resource, *sets_[from.scope], name.name, *sets_[from.attributes]);
  // A snapshot may hold a series twice, see tsdb/listing.h; and its sender may have been faster.
  if (index_.find(identity) != nullptr) return;
  if (is_full(resource)) {
    ++restored_.refused;
    return;
  }
  Series& series = index_.add(identity, name.spelling);
  name.spelling = series.spelling;
  Metric& metric = *series.spelling->metric;
  metric.retention = std::max(metric.retention, name.retention);
  series.shape = from.shape;
  series.ended = from.ended;
  series.starts = std::move(from.starts);
  series.starts.drop_before(samples.all().front().time());
  series.samples = std::move(samples);
  resource.newest = std::max(resource.newest, std::min(series.newest(), now_));
  ++restored_.series;
  restored_.samples += series.samples.size();
  restored_.bytes += series.samples.bytes();
  standing_.attach(series);
  standing_.touch(series);
}

bool Restorer::is_full(const LabelSet& resource) const {
  Footprint footprint = index_.footprint();
  footprint.samples = restored_.bytes;
  return index_.size() >= limits_.series_max ||
         resource.series >= limits_.series_per_resource_max ||
         footprint.total() >= limits_.bytes_max;
}

}  // namespace tsdb
