#pragma once

// A series of the registry that lives as long as what it tells about.

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/metrics.h"

namespace base::metrics {

// Made with it, gone with it. The name is a literal; the registry outlives it, and nobody else uses
// a series of these labels. A value that moves.
template <class Kind>
class OwnedSeries {
 public:
  OwnedSeries(Registry& registry, std::string_view name, std::string_view help, Labels labels)
      : registry_(&registry), name_(name), labels_(std::move(labels)) {
    if constexpr (std::is_same_v<Kind, Counter>) {
      series_ = &registry.counter(name, help, labels_);
    } else {
      series_ = &registry.gauge(name, help, labels_);
    }
  }
  ~OwnedSeries() {
    if (registry_ != nullptr) registry_->remove(name_, labels_);
  }
  OwnedSeries(OwnedSeries&& other) noexcept
      : registry_(std::exchange(other.registry_, nullptr)),
        name_(other.name_),
        labels_(std::move(other.labels_)),
        series_(other.series_) {}
  OwnedSeries& operator=(OwnedSeries&&) = delete;

  Kind* operator->() const { return series_; }

 private:
  Registry* registry_;
  std::string_view name_;
  Labels labels_;
  Kind* series_ = nullptr;
};

using OwnedCounter = OwnedSeries<Counter>;
using OwnedGauge = OwnedSeries<Gauge>;

}  // namespace base::metrics
