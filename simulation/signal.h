#pragma once

// What a trigger read over time. Plain values.

#include <cstddef>
#include <vector>

#include "base/time.h"
#include "scale/types.h"

namespace simulation {

// One reading. A sample is in force until the next one, or until it is stale.
struct Sample {
  Timestamp at;
  scale::Reading::State state = scale::Reading::State::value;
  double value = 0;  // when state is value; finite
  bool operator==(const Sample&) const = default;
};

struct Signal {
  std::vector<Sample> samples;  // strictly ascending
  bool offsets = false;         // times count from offset_origin and mean nothing else
  bool operator==(const Signal&) const = default;
};

// Where times that are offsets begin: any moment after the epoch, which stands for "not set".
inline constexpr Timestamp offset_origin{946'684'800'000'000'000};  // 2000-01-01
// The times that a signal may have: 1970 to 2160, so that no sum of a time and a span overflows.
inline constexpr Timestamp time_max{5'995'814'400'000'000'000};

struct SignalLimits {
  std::size_t samples_max = 1'000'000;  // a sample a second for eleven days
  std::size_t bytes_max = 64u << 20;
};

// A sample of `number`, which may be NaN or infinite.
Sample sample_of(Timestamp at, double number);

}  // namespace simulation
