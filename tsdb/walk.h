#pragma once

// Going over all series in slices.

#include <algorithm>
#include <cstddef>
#include <optional>

#include "tsdb/listing.h"
#include "tsdb/series_index.h"

namespace tsdb {

// What it costs to come by a metric, in bytes that could have been copied meanwhile.
inline constexpr std::size_t step_bytes = 64;

// Goes over the series at `from` and after until what visit(series) returns, in bytes, and the way
// make up `bytes_max`; returns where to go on.
//
// Each metric is walked from its last series to its first: new series come behind the place, and
// where one goes, the last one, already seen, takes its position. So none that stays is missed.
template <class Visit>
std::optional<Place> walk(const SeriesIndex& index, const Place& from, std::size_t bytes_max,
                          Visit visit) {
  std::size_t bytes = 0;
  const auto& metrics = index.metrics();
  for (auto at = metrics.lower_bound(from.metric); at != metrics.end();) {
    const auto& [folded, metric] = *at++;
    std::size_t left = metric->series.size();
    if (folded == from.metric) left = std::min(left, from.left);
    for (; left > 0 && bytes < bytes_max; --left) bytes += visit(*metric->series[left - 1]);
    bytes += step_bytes;
    if (left > 0) return Place{folded, left};
    if (bytes >= bytes_max && at != metrics.end()) return Place{at->first};
  }
  return std::nullopt;
}

}  // namespace tsdb
