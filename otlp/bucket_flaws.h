#pragma once

// Buckets that contradict themselves. Their point keeps its count and its sum, which stand for
// themselves; the sender is told.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tsdb/histogram.h"

namespace otlp {

// Explicit bounds that one histogram may have; exponential buckets are joined when they are many.
constexpr std::size_t bounds_max = 1'000;

enum class Flaw : std::uint8_t { number, bounds, many_bounds, total, offset, zero_threshold };

struct FlawRow {
  Flaw flaw;
  std::string_view label;  // in metrics
  std::string_view words;  // for the sender
};
inline constexpr std::array flaw_rows{
    FlawRow{Flaw::number, "number", "with not one bucket more than bounds"},
    FlawRow{Flaw::bounds, "bounds", "with bounds that do not ascend"},
    FlawRow{Flaw::many_bounds, "many_bounds", "with too many bounds"},
    FlawRow{Flaw::total, "total", "with buckets that do not add up to the count"},
    FlawRow{Flaw::offset, "offset", "with buckets beyond 32 bits"},
    FlawRow{Flaw::zero_threshold, "zero_threshold", "with a zero threshold that is no width"},
};

// The first thing that is wrong; nullopt: nothing.
std::optional<Flaw> flaw_of(const tsdb::HistogramView& histogram);

}  // namespace otlp
