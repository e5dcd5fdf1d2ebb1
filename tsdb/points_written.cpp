#include "tsdb/points_written.h"

#include <utility>

#include "tsdb/metrics.h"
#include "tsdb/series_index.h"

namespace tsdb {

PointsWritten::Shown::Shown(PointsWritten& all, const Metric& metric)
    : all_(all),
      counter_(all.registry_, points_written_name, points_written_help, {{"name", metric.folded}}) {
  ++all_.shown_;
}

void PointsWritten::count(Metric& metric) {
  if (metric.written++ == 0) touched_.push_back(&metric);
}

void PointsWritten::publish() {
  for (Metric* metric : touched_) {
    if (!metric->shown && shown_ < names_max_) {
      metric->shown = std::make_unique<Shown>(*this, *metric);
    }
    const auto points = std::exchange(metric->written, 0);
    if (metric->shown) metric->shown->add(points);
  }
  touched_.clear();
}

}  // namespace tsdb
