#include "base/clock.h"

namespace base {

Timestamp SystemClock::now() const {
  return {std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

Instant SystemClock::steady() const {
  return std::chrono::steady_clock::now();
}

}  // namespace base
