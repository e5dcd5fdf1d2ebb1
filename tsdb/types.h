#pragma once

// Series, points and answers as values.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace tsdb {

// A name and a value, owned by somebody else for the duration of a call.
struct LabelView {
  std::string_view name;
  std::string_view value;
  auto operator<=>(const LabelView&) const = default;
};

struct Label {
  std::string name;
  std::string value;
  auto operator<=>(const Label&) const = default;
};
using Labels = std::vector<Label>;  // sorted by name, names unique

enum class Kind : std::uint8_t { gauge, sum };
enum class Temporality : std::uint8_t { unspecified, delta, cumulative };

// How two neighbouring samples make an increase.
enum class Shape : std::uint8_t {
  level,    // a gauge or a sum that may fall: their plain difference
  counter,  // a cumulative sum that only grows: the difference, or after a reset the whole value
  delta,    // a delta sum: the later value is the increase
};
Shape shape_of(Kind kind, Temporality temporality, bool monotonic);

// What identifies a series, and what its metric is. Attribute values are text already; order does
// not matter; of two equal keys the last wins.
struct SeriesView {
  std::string_view metric;  // as sent
  Kind kind = Kind::gauge;
  Temporality temporality = Temporality::unspecified;
  bool monotonic = false;
  std::span<const LabelView> resource;
  std::string_view scope_name;
  std::string_view scope_version;
  std::span<const LabelView> scope;       // the scope's attributes
  std::span<const LabelView> attributes;  // the point's
};

// An OTLP number keeps its type: int64 is exact.
struct Value {
  bool is_int = false;
  union {
    double as_double = 0;
    std::int64_t as_int;
  };

  static Value of(double d) { return {.is_int = false, .as_double = d}; }
  static Value of_int(std::int64_t i) { return {.is_int = true, .as_int = i}; }
  double number() const { return is_int ? static_cast<double>(as_int) : as_double; }
};

struct Point {
  Timestamp time;
  Timestamp start;  // of a cumulative or delta sum; 0 when not sent
  Value value;
  bool no_recorded_value = false;  // OTLP flag: the series has ended; `value` means nothing
};

// What became of an appended point.
enum class Appended : std::uint8_t {
  stored,
  no_value,        // a no-recorded-value point: noted, not a sample
  duplicate,       // same series, same time: the last one sent wins
  too_old,         // older than the retention of its metric
  too_far_ahead,   // further in the future than the clock may be wrong
  series_limit,    // would be a new series over the limit; known series go on
  resource_limit,  // would be a new series over the limit of its resource
  memory_limit,    // would be a new series, and there is no memory for it
  label_limit,     // too many labels, or one too long
};

// What a query found. Never pretends: missing is not zero.
struct Answer {
  enum class State : std::uint8_t {
    value,
    absent,  // no series has matched since the start; or, with `matched` > 0, none has two samples
             // for a rate yet
    stale,   // series have matched; the newest sample is older than the window, or their sender
             // ended them all
    not_a_number,  // the arithmetic gave NaN or an infinity
  };
  State state = State::absent;
  // Of a stale one: all that fed it has ended, so that there is nothing rather than nobody to tell.
  // silence.h says what is evidence of that.
  bool ended = false;
  double value = 0;           // when state is value
  Timestamp newest;           // newest sample of any matching series; 0 when absent
  std::uint32_t series = 0;   // how many series took part
  std::uint32_t matched = 0;  // how many series matched, fresh or not

  bool operator==(const Answer&) const = default;
};

// A sender whose points are refused because of their time: its clock is wrong, or somebody held
// them up on the way.
struct WrongClock {
  Labels resource;           // whose it is
  Duration offset{};         // the time of its last refused point minus ours; below 0: behind
  std::uint64_t points = 0;  // refused since `first`
  Timestamp first;           // when a point was refused, by our clock
  Timestamp last;

  bool operator==(const WrongClock&) const = default;
};

}  // namespace tsdb
