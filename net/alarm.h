#pragma once

// Deadlines that are moved all the time and hardly ever pass.

#include <functional>
#include <memory>

#include "base/task.h"
#include "base/time.h"

namespace net {

// Calls back once when a moment has passed. Moving the moment later is only an assignment: the
// timer below fires at the earlier one, looks, and sleeps on. Confined to its loop.
class Alarm {
 public:
  Alarm(Executor executor, std::function<void()> ring);
  ~Alarm();  // never rings afterwards
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  void set(Instant at);  // replaces the moment
  void clear() { set(Instant::max()); }

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace net
