#pragma once

// Keys that come back to a work queue later.

#include <map>

#include "base/clock.h"
#include "base/task.h"
#include "kube/work_queue.h"

namespace cluster {

// One alarm per key, the earliest asked for. Confined to its loop; queue and clock outlive it.
class Alarms {
 public:
  Alarms(kube::WorkQueue& queue, const Clock& clock, Executor executor)
      : queue_(queue), clock_(clock), changed_(std::move(executor)) {}

  // Adds `key` to the queue after that time, once.
  void set(const kube::Key& key, Duration after);

  // `key` comes back no more.
  void drop(const kube::Key& key) { due_.erase(key); }

  // Looks at the clock now: for whoever moved it.
  void look() { changed_.notify(); }

  // Ends when stopped.
  Task<void> run();

 private:
  Duration ring();  // how long until the next

  kube::WorkQueue& queue_;
  const Clock& clock_;
  std::map<kube::Key, Instant> due_;
  base::Signal changed_;
};

}  // namespace cluster
