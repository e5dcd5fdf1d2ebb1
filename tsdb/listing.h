#pragma once

// Listing all there is, in slices: whoever lists a large store asks again and again, and points and
// questions have their turn in between.
//
// Metrics come in the order of their folded names, the series of one metric in no order. What is
// there all the while is listed. What comes or goes meanwhile may be listed or not; and where a
// series has gone, another of its metric may be listed twice.

#include <algorithm>
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

// Where a listing goes on: `left` series of `metric` (folded) are to come from a shard, then those
// of the shards after it, then the metrics after it. Place{} is the beginning.
struct Place {
  std::string metric;
  std::size_t left = SIZE_MAX;
  std::size_t shard = 0;
};

struct SeriesSlice {
  std::vector<SeriesRow> rows;
  std::optional<Place> next;  // none: this was the last
};

struct NameSlice {
  std::vector<std::string> names;
  std::optional<std::string> next;  // where the following slice begins; none: this was the last
};

// What it costs to come by a metric or a series, in bytes that could have been copied meanwhile.
inline constexpr std::size_t listing_step_bytes = 64;

// What a slice has room for, in bytes: labels, samples and the way to them. The series that goes
// beyond is the last, so there always is progress.
class ListingRoom {
 public:
  explicit ListingRoom(std::size_t bytes_max) : left_(bytes_max) {}
  void take(std::size_t bytes) { left_ -= std::min(bytes, left_); }
  bool is_full() const { return left_ == 0; }

 private:
  std::size_t left_;
};

// Adds the last `left` series of a metric (folded) to `rows`, as far as there is room. Returns how
// many are to come.
std::size_t list_series(const SeriesIndex& index, std::string_view metric, std::size_t left,
                        ListingRoom& room, std::vector<SeriesRow>& rows);

// The first folded name at `from` or after; nullopt: there is none.
std::optional<std::string> metric_from(const SeriesIndex& index, std::string_view from);

// Counts the series at `from` and after until it has looked at `labels_max` labels (above 0), or
// what takes as long. Returns where to go on; nullopt: that was all.
std::optional<Place> count_from(const SeriesIndex& index, const Place& from, std::size_t labels_max,
                                Cardinality& into);

// The folded names at `from` and after that have series; looks at `limit` metrics.
NameSlice names_from(const SeriesIndex& index, std::string_view from, std::size_t limit);

}  // namespace tsdb
