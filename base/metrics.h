#pragma once

// Our own metrics in Prometheus' text format. Names and labels are literals in each folder's
// metrics.h.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace base::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;

// Only grows. Thread-safe.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Goes up and down. Thread-safe.
class Gauge {
 public:
  void set(double v) { value_.store(v, std::memory_order_relaxed); }
  void add(double v) { value_.fetch_add(v, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// Counts observations in fixed buckets. Thread-safe.
class Histogram {
 public:
  explicit Histogram(std::span<const double> bounds);
  void observe(double v);
  // Many at once: how many in each bucket, the last one for what is above all bounds; and the sum
  // of them all.
  void add(std::span<const std::uint64_t> counts, double sum);

  std::span<const double> bounds() const { return bounds_; }
  std::uint64_t bucket(std::size_t i) const { return counts_[i].load(std::memory_order_relaxed); }
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::vector<double> bounds_;  // ascending; one more bucket for +Inf
  std::deque<std::atomic<std::uint64_t>> counts_;
  std::atomic<double> sum_{0};
};

// Owns every metric of the process. Thread-safe. References stay valid until remove() of just that
// series.
class Registry {
 public:
  // The series of `name` with `labels`, made on first use.
  Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, Labels labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, std::span<const double> bounds,
                       Labels labels = {});

  // Drops one series, for example of an object that was deleted.
  void remove(std::string_view name, const Labels& labels);

  // Prometheus text exposition format 0.0.4, families sorted by name, series by label.
  std::string render() const;

 private:
  enum class Type : std::uint8_t { counter, gauge, histogram };
  struct Series {
    std::unique_ptr<Counter> counter;
    std::unique_ptr<Gauge> gauge;
    std::unique_ptr<Histogram> histogram;
  };
  struct Family {
    Type type;
    std::string help;
    std::map<Labels, Series> series;
  };

  Series& series(std::string_view name, std::string_view help, Type type, Labels labels)
      REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::map<std::string, Family, std::less<>> families_ GUARDED_BY(mutex_);
};

}  // namespace base::metrics
