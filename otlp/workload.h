#pragma once

// What the generator sends: requests of a stated shape, encoded once and then only patched.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "otlp/encode.h"

namespace otlp {

// How the value of a generated metric moves.
enum class Profile : std::uint8_t {
  constant,  // min
  ramp,      // from min to max over one period, then max
  sine,      // around the middle of min and max, from min
  step,      // min for half a period, max for the other half
};

struct ValueProfile {
  Profile profile = Profile::constant;
  double min = 0;
  double max = 1;
  Duration period = std::chrono::seconds(60);
};

// The value `elapsed` after the start. A period of zero or less is over at once.
double profile_value(const ValueProfile& profile, Duration elapsed);

// 20 resources of 8 attributes, 10 sums each, 10 points each, 4 attributes each: 2000 points.
// `sender` makes the series of each sender its own.
Request bulk_request(int sender);
// One resource, one gauge, 10 points of 4 attributes.
Request small_request(int sender);

// An encoded request whose times and values change in place. Every point has a start, a time and a
// value. Confined to its owner.
class Workload {
 public:
  explicit Workload(const Request& request);

  // Gives every point this time. Gauges get `value`; sums, which start at `start`, count up by
  // `value` from their last. Keeps each value's type.
  void advance(Timestamp start, Timestamp time, double value);

  const std::string& bytes() const { return bytes_; }
  std::size_t points() const { return places_.size(); }

 private:
  // Where the eight bytes of a point's fields lie.
  struct PointPlace {
    std::size_t start;
    std::size_t time;
    std::size_t value;
    bool is_int;
    bool is_sum;
  };

  void find_points();
  void change(const PointPlace& place, double value);

  std::string bytes_;
  std::vector<PointPlace> places_;
};

}  // namespace otlp
