#include "tsdb/listing.h"

#include "tsdb/cardinality.h"
#include "tsdb/series_index.h"
#include "tsdb/walk.h"

namespace tsdb {
namespace {

// What it costs to count a label, in bytes that could have been copied meanwhile.
constexpr std::size_t label_bytes = 64;

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

SeriesSlice series_from(const SeriesIndex& index, const Place& from, std::size_t bytes_max) {
  SeriesSlice slice;
  slice.next = walk(index, from, bytes_max, [&slice](const Series& series) {
    slice.rows.push_back(row_of(series));
    return bytes_of(slice.rows.back());
  });
  return slice;
}

std::optional<Place> count_from(const SeriesIndex& index, const Place& from, std::size_t labels_max,
                                Cardinality& into) {
  return walk(index, from, labels_max * label_bytes,
              [&into](const Series& series) { return into.add(series) * label_bytes; });
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
