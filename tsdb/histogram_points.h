#pragma once

// The histograms of one series, beside the samples that hold their counts: packed, in order of
// time.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "tsdb/histogram.h"
#include "tsdb/packed_histogram.h"

namespace tsdb {

// Sets of bounds, each kept once however many points have them. Confined to its store; outlives
// the points.
class BoundsPool {
 public:
  struct Set {
    std::vector<double> bounds;
    mutable std::uint32_t holders = 0;
  };

  // The set equal to `bounds`, held once more.
  const Set* hold(std::span<const double> bounds);
  static void hold(const Set& set) { ++set.holders; }
  void release(const Set& set);
  std::size_t size() const { return sets_.size(); }

  // Room to pack a point in, kept from one to the next.
  std::string& scratch() { return scratch_; }

 private:
  struct Less {
    using is_transparent = void;
    static std::span<const double> key(const Set& set) { return set.bounds; }
    static std::span<const double> key(std::span<const double> bounds) { return bounds; }
    bool operator()(const auto& a, const auto& b) const;
  };

  std::set<Set, Less> sets_;
  std::string scratch_;
};

// About 50 bytes a point with a dozen buckets. A value that moves; clear() it before it goes.
class HistogramPoints {
 public:
  // The oldest go first beyond it. The greatest histogram there can be needs 12 kB.
  static constexpr std::size_t bytes_max = 256u << 10;

  // Puts one in its place in time; one of the same time is replaced.
  void insert(Timestamp time, const HistogramView& view, BoundsPool& pool);
  void insert(Timestamp time, const PackedHistogram& packed, BoundsPool& pool);
  void drop_before(Timestamp from, BoundsPool& pool);
  void clear(BoundsPool& pool);

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  // Memory held, but for the bounds.
  std::size_t bytes() const;
  Timestamp time(std::size_t i) const { return entries_[i].time; }
  Histogram at(std::size_t i) const;
  PackedHistogram packed(std::size_t i) const;
  // The first one at or after `from`; size() when there is none.
  std::size_t first_since(Timestamp from) const;

 private:
  struct Entry {
    Timestamp time;
    const BoundsPool::Set* bounds;  // nullptr: exponential
    std::uint32_t begin;            // of bytes_, to the next one's
  };

  std::size_t end_of(std::size_t i) const;
  const BoundsPool::Set* hold(std::span<const double> bounds, BoundsPool& pool) const;
  void erase(std::size_t first, std::size_t last, BoundsPool& pool);

  std::vector<Entry> entries_;
  std::vector<char> bytes_;
};

}  // namespace tsdb
