#pragma once

// How many points each metric has kept, as otel-add-on tells it.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/mutex.h"
#include "base/owned_series.h"

namespace tsdb {

struct Metric;

// The numbers in the registry, one for each metric's folded name, whatever the number of shards
// that have series of it. Thread-safe; outlives the stores.
class WrittenNames {
 public:
  // Beyond `names_max` metrics at a time further ones are not shown; all points are in
  // tidewheel_store_points_total.
  WrittenNames(base::metrics::Registry& registry, std::size_t names_max)
      : registry_(registry), names_max_(names_max) {}

  // The number of `name`, once more held; nullptr: it is one too many.
  base::metrics::Counter* hold(const std::string& name);
  // With the last holder it is gone from the registry.
  void release(const std::string& name);

 private:
  struct Held {
    base::metrics::OwnedCounter counter;
    std::size_t holders = 0;
  };

  base::metrics::Registry& registry_;
  const std::size_t names_max_;
  base::Mutex mutex_;
  std::map<std::string, Held, std::less<>> names_ GUARDED_BY(mutex_);
};

// Gathers plain counts in the metrics and hands them over now and then. Confined to its store;
// outlives the metrics.
class PointsWritten {
 public:
  explicit PointsWritten(WrittenNames& names) : names_(names) {}

  // That a metric's number is held, as long as this lives.
  class Shown {
   public:
    Shown(WrittenNames& names, std::string name, base::metrics::Counter& counter)
        : names_(names), name_(std::move(name)), counter_(counter) {}
    ~Shown() { names_.release(name_); }
    Shown(const Shown&) = delete;
    Shown& operator=(const Shown&) = delete;

    void add(std::uint64_t points) { counter_.add(points); }

   private:
    WrittenNames& names_;
    const std::string name_;
    base::metrics::Counter& counter_;
  };

  void count(Metric& metric);
  // Hands over what was counted. Do it before a metric can go.
  void publish();

 private:
  void show(Metric& metric);

  WrittenNames& names_;
  std::vector<Metric*> touched_;  // since the last publish()
};

}  // namespace tsdb
