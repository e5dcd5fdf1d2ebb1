#pragma once

// Resources whose series seem to have two senders at once: what one counts overlaps in time with
// what the other does.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "tsdb/packed_labels.h"
#include "tsdb/types.h"

namespace tsdb {

struct Series;

// How a point's start lies to the sample before it.
enum class Joint : std::uint8_t {
  none,     // it goes on from there, or says no start
  gap,      // later: nobody counted in between
  overlap,  // earlier: somebody else counted as well
};

// Confined to its store.
class Overlaps {
 public:
  // What is beyond it is counted all the same, but not remembered.
  static constexpr std::size_t resources_max = 1'000;
  // A resource without another overlap for so long is forgotten.
  static constexpr Duration kept = std::chrono::minutes(10);

  // A point of `series` overlapped at `now`. Returns its resource if that is new.
  std::optional<Overlap> note(const Series& series, Timestamp now);

  std::vector<Overlap> list() const;  // in no order

  // Call it now and then.
  void forget(Timestamp now);

 private:
  struct Seen {
    PackedLabels resource;
    std::string metric;
    std::uint64_t points = 0;
    Timestamp first;
    Timestamp last;
  };

  static Overlap shown(const Seen& seen);

  std::unordered_map<std::uint64_t, Seen> resources_;  // by hash of the resource
};

// "points of requests overlap in time: two senders, or two instances of service.name=shop without a
// label that tells them apart".
std::string describe(const Overlap& overlap);

}  // namespace tsdb
