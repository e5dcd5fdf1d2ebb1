#pragma once

// Listing all there is, in slices: whoever lists a large store asks again and again, and points and
// questions have their turn in between.
//
// Metrics come in the order of their folded names, the series of one metric in no order. What is
// there all the while is listed. What comes or goes meanwhile may be listed or not; and where a
// series has gone, another of its metric may be listed twice.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tsdb/types.h"

namespace tsdb {

class Cardinality;
class SeriesIndex;

// One series for those who list the store.
struct SeriesRow {
  std::string metric;                                 // as it was sent
  Labels labels;                                      // what a query sees
  std::vector<std::pair<Timestamp, double>> samples;  // oldest first
};

// Where a listing goes on: `left` series of `metric` (folded) are to come, then the metrics after
// it. Place{} is the beginning.
struct Place {
  std::string metric;
  std::size_t left = SIZE_MAX;
};

struct SeriesSlice {
  std::vector<SeriesRow> rows;
  std::optional<Place> next;  // none: this was the last
};

struct NameSlice {
  std::vector<std::string> names;
  std::optional<std::string> next;  // where the following slice begins; none: this was the last
};

// The series at `from` and after, until labels, samples and the way to them make up `bytes_max`
// (above 0); the one that goes beyond is the last, so there always is progress.
SeriesSlice series_from(const SeriesIndex& index, const Place& from, std::size_t bytes_max);

// Counts the series at `from` and after until it has looked at `labels_max` labels (above 0), or
// what takes as long. Returns where to go on; nullopt: that was all.
std::optional<Place> count_from(const SeriesIndex& index, const Place& from, std::size_t labels_max,
                                Cardinality& into);

// The folded names at `from` and after that have series; looks at `limit` metrics.
NameSlice names_from(const SeriesIndex& index, std::string_view from, std::size_t limit);

}  // namespace tsdb
