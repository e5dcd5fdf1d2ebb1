#pragma once

// How long a pod waits between the end of a run and its next. Source: kubelet's CrashLoopBackOff.

#include <algorithm>

#include "base/time.h"

namespace cluster::process {

struct CrashBackoffOptions {
  Duration first = std::chrono::seconds(10);
  Duration ceiling = std::chrono::minutes(5);
  Duration reset_after = std::chrono::minutes(10);  // a run this long clears the record
};

// No wait before the first restart, then `first`, doubling to `ceiling`. Confined to its owner.
class CrashBackoff {
 public:
  explicit CrashBackoff(CrashBackoffOptions options) : options_(options) {}

  // The wait after a run that lasted `ran`.
  Duration after_run(Duration ran) {
    if (ran >= options_.reset_after) next_ = Duration{0};
    const Duration wait = next_;
    next_ = wait == Duration{0} ? options_.first : std::min(wait * 2, options_.ceiling);
    return wait;
  }

 private:
  CrashBackoffOptions options_;
  Duration next_{0};
};

}  // namespace cluster::process
