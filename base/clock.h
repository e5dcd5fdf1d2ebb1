#pragma once

// The only place that reads a clock.

#include "base/time.h"

namespace base {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;   // wall time
  virtual Instant steady() const = 0;  // for measuring and waiting
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
  Instant steady() const override;
};

}  // namespace base

using base::Clock;
