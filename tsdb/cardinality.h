#pragma once

// Who uses the store most: series by metric, by resource and by label. Gathered a slice at a time,
// see tsdb/listing.h; what comes or goes meanwhile is counted or not.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.h"

namespace tsdb {

struct Series;

// A name and how much of something it has, the most first, then by name.
struct Ranked {
  std::string name;
  std::uint64_t value = 0;

  bool operator==(const Ranked&) const = default;
};

struct CardinalityReport {
  std::uint64_t series = 0;
  std::uint64_t samples = 0;
  std::uint64_t label_pairs = 0;  // distinct
  Timestamp oldest;               // of the samples; 0 when there are none
  Timestamp newest;
  // More distinct labels than are told apart: the last three lists know only those that came first.
  bool truncated = false;
  std::vector<Ranked> series_by_metric;
  std::vector<Ranked> series_by_resource;  // named as sender_name() does
  std::vector<Ranked> values_by_label;     // distinct ones
  std::vector<Ranked> bytes_by_label;      // of distinct names and values
  std::vector<Ranked> series_by_pair;      // name=value
};

// Counts series by what they are. A value that moves.
class Cardinality {
 public:
  Cardinality() = default;
  // Labels beyond so many distinct ones are not told apart any more.
  explicit Cardinality(std::size_t pairs_max) : pairs_max_(pairs_max) {}

  // Returns how many labels it looked at.
  std::size_t add(const Series& series);
  // The `limit` largest of each.
  CardinalityReport report(std::size_t limit) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  template <class T>
  using ByName = std::unordered_map<std::string, T, Hash, std::equal_to<>>;
  using Counts = ByName<std::uint64_t>;

  std::size_t add_labels(std::string_view packed);
  void add_label(std::string_view name, std::string_view value);

  std::size_t pairs_max_ = 1'000'000;
  std::size_t pairs_ = 0;
  std::uint64_t series_ = 0;
  std::uint64_t samples_ = 0;
  Timestamp oldest_;
  Timestamp newest_;
  bool truncated_ = false;
  Counts metrics_;
  Counts resources_;       // by packed labels
  ByName<Counts> labels_;  // name, then value
};

}  // namespace tsdb
