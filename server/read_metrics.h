#pragma once

// otel-add-on's metrics of what was read: keda_otel_scaler_metric_points_read, _value and
// _value_clamped.

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "base/owned_series.h"
#include "server/metrics.h"
#include "tsdb/metric_query.h"
#include "tsdb/types.h"

namespace server {

struct ReadMetricLimits {
  std::size_t series_max = 1'000;                // of each metric; the longest unused goes
  Duration idle_max = std::chrono::minutes(10);  // unused so long, a series goes
};

// The series of one metric by what they are used for, so that neither what is asked nor how often
// it changes makes them many. Confined to its owner.
template <class Kind>
class RecentSeries {
 public:
  RecentSeries(base::metrics::Registry& registry, metric_names::Name name, std::size_t series_max)
      : registry_(registry), name_(name), series_max_(std::max<std::size_t>(series_max, 1)) {}

  // The series of these labels, made where there is none.
  Kind& use(base::metrics::Labels labels, Instant now) {
    if (const auto known = by_labels_.find(labels); known != by_labels_.end()) {
      series_.splice(series_.begin(), series_, known->second);
    } else {
      series_.emplace_front(labels, Owned(registry_, name_.name, name_.help, labels));
      by_labels_.emplace(std::move(labels), series_.begin());
      if (series_.size() > series_max_) drop(std::prev(series_.end()));
    }
    series_.front().used = now;
    return *series_.front().owned.operator->();
  }

  void drop(const base::metrics::Labels& labels) {
    if (const auto known = by_labels_.find(labels); known != by_labels_.end()) drop(known->second);
  }

  // Those that nobody has used since `then`.
  void drop_before(Instant then) {
    while (!series_.empty() && series_.back().used < then) drop(std::prev(series_.end()));
  }

 private:
  using Owned = base::metrics::OwnedSeries<Kind>;
  struct Entry {
    base::metrics::Labels labels;
    Owned owned;
    Instant used{};
  };
  using Entries = std::list<Entry>;

  void drop(Entries::iterator entry) {
    by_labels_.erase(entry->labels);
    series_.erase(entry);
  }

  base::metrics::Registry& registry_;
  const metric_names::Name name_;
  const std::size_t series_max_;
  Entries series_;  // the latest used first
  std::map<base::metrics::Labels, typename Entries::iterator> by_labels_;
};

// Whose trigger was answered.
struct ObjectName {
  std::string ns;
  std::string name;
};

// Both the external scaler and REST read. Only what was found counts as read, so a metric that
// nobody sent has no name here. A question without a value has no series of a value: an old one
// would look like news. Thread-safe; registry and clock outlive it.
class ReadMetrics {
 public:
  ReadMetrics(base::metrics::Registry& registry, const Clock& clock, ReadMetricLimits limits = {});

  // A question was answered; `value` is what its asker got before clamping, none without one.
  void read(const tsdb::Question& question, const tsdb::Answer& answer,
            std::optional<double> value);
  // What a trigger got after clamping; none: nothing was found.
  void clamped(const ObjectName& object, const tsdb::Question& question,
               std::optional<double> value);
  // Drops what nobody asks any more.
  void tick();

 private:
  const Clock& clock_;
  const Duration idle_max_;
  base::Mutex mutex_;
  RecentSeries<base::metrics::Counter> reads_ GUARDED_BY(mutex_);
  RecentSeries<base::metrics::Gauge> values_ GUARDED_BY(mutex_);
  RecentSeries<base::metrics::Gauge> clamped_ GUARDED_BY(mutex_);
};

}  // namespace server
