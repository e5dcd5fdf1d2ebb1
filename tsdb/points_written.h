#pragma once

// How many points each metric has kept, as otel-add-on tells it.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/metrics.h"
#include "base/owned_series.h"

namespace tsdb {

struct Metric;

// Gathers plain counts in the metrics and hands them over now and then. Confined to its store,
// which is the only one of its registry; outlives the metrics.
class PointsWritten {
 public:
  // Beyond `names_max` metrics at a time further ones are not shown; all points are in
  // tidewheel_store_points_total.
  PointsWritten(base::metrics::Registry& registry, std::size_t names_max)
      : registry_(registry), names_max_(names_max) {}

  // One metric's number in the registry; gone from it when this goes.
  class Shown {
   public:
    Shown(PointsWritten& all, const Metric& metric);
    ~Shown() { --all_.shown_; }
    Shown(const Shown&) = delete;
    Shown& operator=(const Shown&) = delete;

    void add(std::uint64_t points) { counter_->add(points); }

   private:
    PointsWritten& all_;
    base::metrics::OwnedCounter counter_;
  };

  void count(Metric& metric);
  // Hands over what was counted. Do it before a metric can go.
  void publish();

 private:
  base::metrics::Registry& registry_;
  const std::size_t names_max_;
  std::size_t shown_ = 0;
  std::vector<Metric*> touched_;  // since the last publish()
};

}  // namespace tsdb
