#include "cluster/alarms.h"

#include <algorithm>

namespace cluster {
namespace {

constexpr Duration longest_wait = std::chrono::hours(1);

}  // namespace

void Alarms::set(const kube::Key& key, Duration after) {
  const Instant at = clock_.steady() + std::chrono::duration_cast<Instant::duration>(after);
  const auto [alarm, is_new] = due_.try_emplace(key, at);
  if (!is_new) alarm->second = std::min(alarm->second, at);
  changed_.notify();
}

Task<void> Alarms::run() {
  while (!co_await base::stopping()) {
    const Duration wait = ring();
    (void)co_await changed_.wait_for(wait);  // changed, late or stopped: all lead to another look
  }
}

Duration Alarms::ring() {
  const Instant now = clock_.steady();
  Duration wait = longest_wait;
  for (auto it = due_.begin(); it != due_.end();) {
    if (it->second > now) {
      wait = std::min(wait, Duration{it->second - now});
      ++it;
    } else {
      queue_.add(it->first);
      it = due_.erase(it);
    }
  }
  return wait;
}

}  // namespace cluster
