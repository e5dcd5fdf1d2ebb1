#pragma once

// The samples of one series: sixteen bytes each, in order of time.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string_view>

#include "base/time.h"
#include "tsdb/footprint.h"
#include "tsdb/types.h"

namespace tsdb {

// A time not before 1970 and a number that keeps its type.
//
//   word 0:  nanoseconds since the epoch (63 bits) | 1 when the number is an int64
//   word 1:  the int64's or the double's bits
class Sample {
 public:
  Sample() = default;
  Sample(Timestamp time, Value value)
      : when_(static_cast<std::uint64_t>(time.ns) << 1 | (value.is_int ? 1 : 0)),
        bits_(value.is_int ? std::bit_cast<std::uint64_t>(value.as_int)
                           : std::bit_cast<std::uint64_t>(value.as_double)) {}

  Timestamp time() const { return {static_cast<std::int64_t>(when_ >> 1)}; }
  bool is_int() const { return (when_ & 1) != 0; }
  // Exact for both types: a long double's 64 bits of mantissa hold every int64 and every difference
  // of two.
  long double exact() const {
    return is_int() ? static_cast<long double>(std::bit_cast<std::int64_t>(bits_))
                    : static_cast<long double>(std::bit_cast<double>(bits_));
  }
  double number() const { return static_cast<double>(exact()); }

  // Bit for bit, so that a NaN equals itself.
  bool operator==(const Sample&) const = default;

 private:
  std::uint64_t when_;
  std::uint64_t bits_;
};
static_assert(sizeof(Sample) == 16 && std::numeric_limits<long double>::digits >= 64);

// Oldest first, no two of one time. Grows by a quarter; room at the front is reused before it
// grows. A value that moves.
class Samples {
 public:
  // Of samples that lie one after the other, in order of time, those from `from` to `to`.
  static Samples copy_of(std::string_view bytes, Timestamp from, Timestamp to);

  std::span<const Sample> all() const { return {data_.get() + head_, size_}; }
  // Those at or after `from`.
  std::span<const Sample> since(Timestamp from) const;
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // Of the heap.
  std::size_t bytes() const { return block_bytes(capacity_ * sizeof(Sample)); }
  // Whether the next one needs room to be made.
  bool full() const { return head_ + size_ == capacity_; }
  // Whether it takes more memory: no room at the front is worth to be used.
  bool needs_memory() const { return full() && !front_is_worth_it(); }
  // Starts to fetch what a sample newer than all others will touch.
  void prefetch() const { __builtin_prefetch(data_.get() + head_ + size_, 1); }

  // Puts `sample` in its place in time; one of the same time is replaced. Returns whether there was
  // none.
  bool insert(Sample sample) {
    const bool next = !full() && size_ > 0 && begin()[size_ - 1].time() < sample.time();
    if (!next) return insert_anywhere(sample);
    begin()[size_++] = sample;
    return true;
  }
  // Returns how many were dropped.
  std::size_t drop_before(Timestamp from);
  void drop_oldest();  // there is one
  // Gives back memory when most of it is unused.
  void shrink();

 private:
  bool front_is_worth_it() const;
  Sample* begin() { return data_.get() + head_; }
  bool insert_anywhere(Sample sample);
  void make_room();
  void move_to(std::uint32_t capacity);

  std::unique_ptr<Sample[]> data_;
  std::uint32_t head_ = 0;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
};

}  // namespace tsdb
