#pragma once

// A clock that stands still until a test moves it. Confined to one thread.

#include "base/clock.h"

namespace base::testing {

class FakeClock final : public Clock {
 public:
  explicit FakeClock(Timestamp start = {1'800'000'000'000'000'000}) : now_(start) {}

  Timestamp now() const override { return now_; }
  Instant steady() const override { return steady_; }

  void advance(Duration d) {
    now_ = now_ + d;
    steady_ += std::chrono::duration_cast<Instant::duration>(d);
  }

 private:
  Timestamp now_;
  Instant steady_{std::chrono::hours(1)};
};

}  // namespace base::testing
