#pragma once

// What the store says about itself. Counts are gathered without atomics and handed over once per
// batch.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/metrics.h"
#include "base/time.h"
#include "tsdb/footprint.h"
#include "tsdb/types.h"

namespace tsdb {

struct OutcomeRow {
  Appended outcome;
  std::string_view label;
};
// As otel-add-on spells it.
inline constexpr std::string_view points_written_name = "keda_otel_scaler_metric_points_written";
inline constexpr std::string_view points_written_help = "Points kept in memory by metric";

inline constexpr std::array outcomes{
    OutcomeRow{Appended::stored, "stored"},
    OutcomeRow{Appended::no_value, "no_value"},
    OutcomeRow{Appended::duplicate, "duplicate"},
    OutcomeRow{Appended::too_old, "too_old"},
    OutcomeRow{Appended::too_far_ahead, "too_far_ahead"},
    OutcomeRow{Appended::series_limit, "series_limit"},
    OutcomeRow{Appended::resource_limit, "resource_limit"},
    OutcomeRow{Appended::memory_limit, "memory_limit"},
    OutcomeRow{Appended::label_limit, "label_limit"},
};

// How old samples are when they come. Confined to its store; most points of a batch have one time,
// so that the last bucket is nearly always the next one, too.
class SampleDelay {
 public:
  static constexpr std::array<double, 11> bounds{0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120};

  // A negative delay, of a sample from the future, counts as none.
  void observe(Duration delay) {
    if (delay != last_) find(delay);
    ++counts_[bucket_];
    sum_ += seconds_;
  }
  // Hands over what was observed since the last time.
  void publish(base::metrics::Histogram& to) {
    if (sum_ == 0 && std::ranges::max(counts_) == 0) return;
    to.add(counts_, sum_);
    counts_ = {};
    sum_ = 0;
  }

 private:
  void find(Duration delay) {
    last_ = delay;
    seconds_ = std::max(0.0, std::chrono::duration<double>(delay).count());
    bucket_ = static_cast<std::size_t>(std::ranges::lower_bound(bounds, seconds_) - bounds.begin());
  }

  Duration last_{};
  double seconds_ = 0;
  std::size_t bucket_ = 0;
  std::array<std::uint64_t, bounds.size() + 1> counts_{};
  double sum_ = 0;
};

// Confined to its store; several stores may share a registry, and their numbers add up.
class StoreMetrics {
 public:
  struct Sizes {
    std::size_t series = 0;
    std::size_t samples = 0;
    std::size_t histograms = 0;
    std::size_t standing = 0;
    Footprint footprint = {};
  };

  explicit StoreMetrics(base::metrics::Registry& registry)
      : series_(registry.gauge("tidewheel_store_series", "Series in memory.")),
        samples_(registry.gauge("tidewheel_store_samples", "Samples in memory.")),
        bytes_{&bytes_of(registry, "identity"), &bytes_of(registry, "index"),
               &bytes_of(registry, "samples")},
        displaced_(registry.counter("tidewheel_store_displaced_samples_total",
                                    "Samples that made room for newer ones of their series before "
                                    "their time, for want of memory or for their number.")),
        delays_(registry.histogram("tidewheel_store_sample_delay_seconds",
                                   "How old samples were when they came.", SampleDelay::bounds)),
        histograms_(registry.gauge("tidewheel_store_histograms",
                                   "Histograms in memory, beside the samples of their counts.")),
        standing_(
            registry.gauge("tidewheel_store_standing_queries", "Queries that are kept answered.")) {
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      points_[i] = &registry.counter("tidewheel_store_points_total",
                                     "Points offered to the store, by what became of them.",
                                     {{"outcome", std::string(outcomes[i].label)}});
    }
  }
  ~StoreMetrics() { publish({}); }
  StoreMetrics(const StoreMetrics&) = delete;
  StoreMetrics& operator=(const StoreMetrics&) = delete;

  void delay(Duration between) { delay_.observe(between); }
  void displaced() { ++displaced_now_; }
  void count(Appended outcome) { ++counts_[static_cast<std::size_t>(outcome)]; }

  void publish(const Sizes& now) {
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] > 0) points_[i]->add(counts_[i]);
    }
    counts_ = {};
    series_.add(static_cast<double>(now.series) - static_cast<double>(published_.series));
    samples_.add(static_cast<double>(now.samples) - static_cast<double>(published_.samples));
    histograms_.add(static_cast<double>(now.histograms) -
                    static_cast<double>(published_.histograms));
    standing_.add(static_cast<double>(now.standing) - static_cast<double>(published_.standing));
    publish_bytes(now.footprint);
    displaced_.add(std::exchange(displaced_now_, 0));
    delay_.publish(delays_);
    published_ = now;
  }

 private:
  static base::metrics::Gauge& bytes_of(base::metrics::Registry& registry, std::string_view what) {
    return registry.gauge("tidewheel_store_bytes", "Memory of series, by what it is for.",
                          {{"for", std::string(what)}});
  }
  void publish_bytes(const Footprint& now) {
    const Footprint& then = published_.footprint;
    bytes_[0]->add(static_cast<double>(now.identity) - static_cast<double>(then.identity));
    bytes_[1]->add(static_cast<double>(now.index) - static_cast<double>(then.index));
    bytes_[2]->add(static_cast<double>(now.samples) - static_cast<double>(then.samples));
  }

  base::metrics::Gauge& series_;
  base::metrics::Gauge& samples_;
  std::array<base::metrics::Gauge*, 3> bytes_;
  base::metrics::Counter& displaced_;
  base::metrics::Histogram& delays_;
  SampleDelay delay_;
  std::uint64_t displaced_now_ = 0;
  base::metrics::Gauge& histograms_;
  base::metrics::Gauge& standing_;
  std::array<base::metrics::Counter*, outcomes.size()> points_{};
  std::array<std::uint64_t, outcomes.size()> counts_{};
  Sizes published_;
};

}  // namespace tsdb
