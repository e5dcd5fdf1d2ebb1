#pragma once

// Which point of a cumulative series continues which, as the start times tell it. Two senders of
// one series, or two processes of one sender, are two streams in it: each counts for itself.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.h"
#include "tsdb/starts.h"

namespace tsdb {

// Follows the points of one window in order of time. Confined to one call.
class Streams {
 public:
  // Of one series at a time. Where there are more, the one that was silent longest begins anew.
  static constexpr std::size_t streams_max = 8;

  // `begin`: time of the first point. `starts` outlives it.
  Streams(const Starts& starts, Timestamp begin);

  // What the point `number` (0, 1, 2, …) at `time` continues.
  struct Step {
    enum class Kind : std::uint8_t {
      first,      // nothing known: what it counts was counted before the window
      continues,  // the point `before`
      anew,       // nothing: all that it counts is new
    };
    Kind kind = Kind::first;
    std::size_t before = 0;
  };
  Step next(Timestamp time, std::size_t number);

 private:
  struct Stream {
    Timestamp start;
    std::size_t newest;  // number of its newest point
  };

  Step after_last(Timestamp start, std::size_t number);
  Step of_its_own(Timestamp start, std::size_t number);
  Stream& oldest();

  const Starts& starts_;
  const Timestamp begin_;
  const bool overlapping_;
  Timestamp last_;  // start of the point before
  std::array<Stream, streams_max> streams_;
  std::size_t size_ = 0;
};

}  // namespace tsdb
