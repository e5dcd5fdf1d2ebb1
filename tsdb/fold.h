#pragma once

// Many values, one per series, folded into one.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/time.h"
#include "tsdb/metric_query.h"

namespace tsdb {

// What one series brings to an answer.
struct Contribution {
  long double value = 0;  // where it `counts`
  Timestamp newest;       // its newest sample, fresh or not
  // The moment after which passing time alone changes this.
  Timestamp good_until = never;
  bool counts = false;  // it has a value in the window
  bool alive = false;   // it is in the window and goes on

  static constexpr Timestamp never{std::numeric_limits<std::int64_t>::max()};
};

// What many bring together. A long double neither overflows on sums of doubles nor depends
// noticeably on order.
struct Fold {
  long double sum = 0;
  long double min = 0;  // of those that count, where there are any
  long double max = 0;
  Timestamp newest;
  Timestamp good_until = Contribution::never;
  std::uint32_t count = 0;
  bool alive = false;

  void add(const Contribution& one) {
    newest = std::max(newest, one.newest);
    good_until = std::min(good_until, one.good_until);
    alive = alive || one.alive;
    if (one.counts) add(one.value, one.value, one.value, 1);
  }
  void add(const Fold& other) {
    newest = std::max(newest, other.newest);
    good_until = std::min(good_until, other.good_until);
    alive = alive || other.alive;
    if (other.count > 0) add(other.sum, other.min, other.max, other.count);
  }

  // Of at least one value; NaN where one of them is.
  double result(Aggregation aggregation) const {
    if (aggregation == Aggregation::count) return count;
    // One NaN is enough, whatever min and max made of it.
    if (std::isnan(sum)) return std::nan("");
    switch (aggregation) {
      case Aggregation::avg:
        return static_cast<double>(sum / static_cast<long double>(count));
      case Aggregation::min:
        return static_cast<double>(min);
      case Aggregation::max:
        return static_cast<double>(max);
      default:
        return static_cast<double>(sum);
    }
  }

 private:
  void add(long double more, long double lowest, long double highest, std::uint32_t n) {
    min = count == 0 ? lowest : std::min(min, lowest);
    max = count == 0 ? highest : std::max(max, highest);
    sum += more;
    count += n;
  }
};

}  // namespace tsdb
