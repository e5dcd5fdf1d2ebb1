#pragma once

// How long things took, in fixed memory.

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include "base/time.h"

namespace otlp {

// Counts durations in buckets 1/64 wide. Confined to its owner.
class Latencies {
 public:
  void add(Duration d) {
    const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(d.count(), 0));
    ++counts_[bucket_of(ns)];
    ++total_;
  }

  // The duration that a share `q` in [0, 1] did not exceed, at most 1/64 too low; zero for none.
  Duration quantile(double q) const {
    auto left = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(total_)));
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] >= left && left > 0) return lowest_of(i);
      left -= counts_[i];
    }
    return Duration{0};
  }

 private:
  // Values below 64 have a bucket each; from there on 64 buckets divide each doubling.
  static constexpr int steps_bits = 6;
  static constexpr std::size_t steps = 1u << steps_bits;

  static std::size_t bucket_of(std::uint64_t ns) {
    if (ns < steps) return ns;
    const int shift = std::bit_width(ns) - steps_bits - 1;
    return static_cast<std::size_t>(shift) * steps + (ns >> shift);
  }
  static Duration lowest_of(std::size_t bucket) {
    if (bucket < steps) return Duration{static_cast<std::int64_t>(bucket)};
    const std::size_t shift = bucket / steps - 1;
    return Duration{static_cast<std::int64_t>((bucket - shift * steps) << shift)};
  }

  std::array<std::uint64_t, (64 - steps_bits) * steps> counts_{};
  std::uint64_t total_ = 0;
};

}  // namespace otlp
