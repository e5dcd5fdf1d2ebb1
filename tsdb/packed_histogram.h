#pragma once

// A histogram as one run of bytes. The bounds of an explicit one are kept elsewhere, since the
// points of a series share them.
//
//   flags | varint count | sum | min | max | buckets
//   explicit buckets:     one varint per count
//   exponential buckets:  zigzag scale | varint zero count | zero threshold | run | run
//   run:                  varint n | when n > 0: zigzag offset | n varints
//
// Sum, min, max and the threshold are the 8 bytes of a double, there when their flag is set. The
// runs are the positive and the negative buckets.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tsdb/histogram.h"

namespace tsdb {

// One that is packed; somebody else owns the bytes.
struct PackedHistogram {
  std::optional<std::span<const double>> bounds;  // none: exponential
  std::string_view bytes;
};

// Appends to `bytes`, within the limits of to_histogram().
void pack(const HistogramView& view, std::string& bytes);

// `bytes` is what one pack() appended; `bounds` are those of what it packed.
Histogram unpack(std::string_view bytes, std::span<const double> bounds);

// Whether pack() could have appended `bytes`, for an explicit histogram of so many bounds or, where
// there is no number, for an exponential one.
bool is_packed_histogram(std::string_view bytes, std::optional<std::size_t> bounds);

}  // namespace tsdb
