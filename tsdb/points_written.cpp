#include "tsdb/points_written.h"

#include <utility>

#include "tsdb/metrics.h"
#include "tsdb/series_index.h"

namespace tsdb {

base::metrics::Counter* WrittenNames::hold(const std::string& name) {
  const base::Lock lock(mutex_);
  auto held = names_.find(name);
  if (held == names_.end()) {
    if (names_.size() >= names_max_) return nullptr;
    base::metrics::OwnedCounter counter(registry_, points_written_name, points_written_help,
                                        {{"name", name}});
    held = names_.emplace(name, Held{.counter = std::move(counter)}).first;
  }
  ++held->second.holders;
  return held->second.counter.operator->();
}

void WrittenNames::release(const std::string& name) {
  const base::Lock lock(mutex_);
  const auto held = names_.find(name);
  if (--held->second.holders == 0) names_.erase(held);
}

void PointsWritten::count(Metric& metric) {
  if (metric.written++ == 0) touched_.push_back(&metric);
}

void PointsWritten::publish() {
  for (Metric* metric : touched_) {
    if (!metric->shown) show(*metric);
    const auto points = std::exchange(metric->written, 0);
    if (metric->shown) metric->shown->add(points);
  }
  touched_.clear();
}

void PointsWritten::show(Metric& metric) {
  if (auto* counter = names_.hold(metric.folded))
    metric.shown = std::make_unique<Shown>(names_, metric.folded, *counter);
}

}  // namespace tsdb
