#include "tsdb/listing.h"

#include <algorithm>

#include "tsdb/series_index.h"

namespace tsdb {
namespace {

// What it costs to come by a metric or a series, in bytes that could have been copied meanwhile.
constexpr std::size_t step_bytes = 64;

SeriesRow row_of(const Series& series) {
  SeriesRow row{.metric = series.spelling->name, .labels = labels_of(series)};
  const auto samples = series.samples.all();
  row.samples.reserve(samples.size());
  for (const auto& sample : samples) row.samples.emplace_back(sample.time(), sample.number());
  return row;
}

std::size_t bytes_of(const SeriesRow& row) {
  std::size_t bytes = step_bytes + row.metric.size() + row.samples.size() * sizeof(row.samples[0]);
  for (const auto& label : row.labels) bytes += label.name.size() + label.value.size();
  return bytes;
}

}  // namespace

// Each metric is walked from its last series to its first: new series come behind the place, and
// where one goes, the last one, already listed, takes its position. So none that stays is missed.
SeriesSlice series_from(const SeriesIndex& index, const Place& from, std::size_t bytes_max) {
  SeriesSlice slice;
  std::size_t bytes = 0;
  const auto& metrics = index.metrics();
  for (auto at = metrics.lower_bound(from.metric); at != metrics.end() && !slice.next;) {
    const auto& [folded, metric] = *at++;
    std::size_t left = metric->series.size();
    if (folded == from.metric) left = std::min(left, from.left);
    for (; left > 0 && bytes < bytes_max; --left) {
      slice.rows.push_back(row_of(*metric->series[left - 1]));
      bytes += bytes_of(slice.rows.back());
    }
    bytes += step_bytes;
    if (left > 0) {
      slice.next = Place{folded, left};
    } else if (bytes >= bytes_max && at != metrics.end()) {
      slice.next = Place{at->first};
    }
  }
  return slice;
}

NameSlice names_from(const SeriesIndex& index, std::string_view from, std::size_t limit) {
  NameSlice slice;
  const auto& metrics = index.metrics();
  auto next = metrics.lower_bound(from);
  for (std::size_t looked = 0; next != metrics.end() && looked < limit; ++next, ++looked) {
    if (!next->second->series.empty()) slice.names.push_back(next->first);
  }
  if (next != metrics.end()) slice.next = next->first;
  return slice;
}

}  // namespace tsdb
