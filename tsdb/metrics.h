#pragma once

// What the store says about itself. Counts are gathered without atomics and handed over once per
// batch.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

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
  };

  explicit StoreMetrics(base::metrics::Registry& registry)
      : series_(registry.gauge("tidewheel_store_series", "Series in memory.")),
        samples_(registry.gauge("tidewheel_store_samples", "Samples in memory.")) {
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      points_[i] = &registry.counter("tidewheel_store_points_total",
                                     "Points offered to the store, by what became of them.",
                                     {{"outcome", std::string(outcomes[i].label)}});
    }
  }
  ~StoreMetrics() { publish({}); }
  StoreMetrics(const StoreMetrics&) = delete;
  StoreMetrics& operator=(const StoreMetrics&) = delete;

  void count(Appended outcome) { ++counts_[static_cast<std::size_t>(outcome)]; }

  void publish(const Sizes& now) {
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] > 0) points_[i]->add(counts_[i]);
    }
    counts_ = {};
    series_.add(static_cast<double>(now.series) - static_cast<double>(published_.series));
    samples_.add(static_cast<double>(now.samples) - static_cast<double>(published_.samples));
    published_ = now;
  }

 private:
  base::metrics::Gauge& series_;
  base::metrics::Gauge& samples_;
  std::array<base::metrics::Counter*, outcomes.size()> points_{};
  std::array<std::uint64_t, outcomes.size()> counts_{};
  Sizes published_;
};

}  // namespace tsdb
