#pragma once

// Counting what a peer may do only so often.

#include <cstdint>

#include "base/time.h"

namespace net {

// At most `max` events per window of `length`. Confined to its owner.
class RateLimit {
 public:
  RateLimit(std::uint32_t max, Duration length) : max_(max), length_(length) {}

  // Counts one event; false when it is one too many.
  bool allow(Instant now) {
    if (now - start_ >= length_) {
      start_ = now;
      count_ = 0;
    }
    return ++count_ <= max_;
  }
  void reset() { count_ = 0; }

 private:
  std::uint32_t max_;
  Duration length_;
  Instant start_{};
  std::uint32_t count_ = 0;
};

}  // namespace net
