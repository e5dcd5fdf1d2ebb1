#pragma once

// What the store says about itself. Counts are gathered without atomics and handed over once per
// batch.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/metrics.h"
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
    OutcomeRow{Appended::label_limit, "label_limit"},
};

// Confined to its store; several stores may share a registry, and their numbers add up.
class StoreMetrics {
 public:
  struct Sizes {
    std::size_t series = 0;
    std::size_t samples = 0;
    std::size_t histograms = 0;
    std::size_t standing = 0;
  };

  explicit StoreMetrics(base::metrics::Registry& registry)
      : series_(registry.gauge("tidewheel_store_series", "Series in memory.")),
        samples_(registry.gauge("tidewheel_store_samples", "Samples in memory.")),
        gaps_total_(registry.counter("tidewheel_store_gaps_total",
                                     "Points of sums that start after the sample before them.")),
        overlaps_total_(
            registry.counter("tidewheel_store_overlaps_total",
                             "Points of sums that start before the sample before them ends, but "
                             "not where that began.")),
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

  void gap() { ++gaps_; }
  void overlap() { ++overlaps_; }
  void count(Appended outcome) { ++counts_[static_cast<std::size_t>(outcome)]; }

  void publish(const Sizes& now) {
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] > 0) points_[i]->add(counts_[i]);
    }
    counts_ = {};
    if (gaps_ > 0) gaps_total_.add(std::exchange(gaps_, 0));
    if (overlaps_ > 0) overlaps_total_.add(std::exchange(overlaps_, 0));
    series_.add(static_cast<double>(now.series) - static_cast<double>(published_.series));
    samples_.add(static_cast<double>(now.samples) - static_cast<double>(published_.samples));
    histograms_.add(static_cast<double>(now.histograms) -
                    static_cast<double>(published_.histograms));
    standing_.add(static_cast<double>(now.standing) - static_cast<double>(published_.standing));
    published_ = now;
  }

 private:
  base::metrics::Gauge& series_;
  base::metrics::Gauge& samples_;
  base::metrics::Counter& gaps_total_;
  base::metrics::Counter& overlaps_total_;
  base::metrics::Gauge& histograms_;
  base::metrics::Gauge& standing_;
  std::array<base::metrics::Counter*, outcomes.size()> points_{};
  std::array<std::uint64_t, outcomes.size()> counts_{};
  std::uint64_t gaps_ = 0;
  std::uint64_t overlaps_ = 0;
  Sizes published_;
};

}  // namespace tsdb
