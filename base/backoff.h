#pragma once

// Growing waits between retries.

#include <algorithm>

#include "base/random.h"
#include "base/time.h"

namespace base {

// Doubles from `first` to `ceiling`; next() draws from [half, whole] of the current step. Confined
// to its owner.
class Backoff {
 public:
  Backoff(Duration first, Duration ceiling, Random random = {})
      : first_(first), ceiling_(ceiling), step_(first), random_(random) {}

  Duration next() {
    const Duration step = step_;
    step_ = std::min(step_ * 2, ceiling_);
    return step / 2 + Duration{static_cast<std::int64_t>(random_.unit() *
                                                         static_cast<double>(step.count()) / 2)};
  }

  void reset() { step_ = first_; }

 private:
  Duration first_;
  Duration ceiling_;
  Duration step_;
  Random random_;
};

}  // namespace base
