#pragma once

// The signals that end or reload the process.

#include <functional>
#include <memory>

#include "base/task.h"

namespace cli {

// While it lives, SIGINT and SIGTERM call `on_stop` (a second one ends the process at once), SIGHUP
// calls `on_reload`. Confined to its loop.
class Interrupts {
 public:
  Interrupts(base::Loop& loop, std::function<void()> on_stop, std::function<void()> on_reload);
  ~Interrupts();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace cli
