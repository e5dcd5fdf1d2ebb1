#pragma once

// Runs one task of a test to its end and returns what it returned.

#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "base/task.h"

namespace kube::testing {

template <class T>
T await(base::Loop& loop, Task<T> task) {
  auto slot = std::make_shared<std::optional<T>>();
  base::TaskGroup group(loop.executor(), Log{});
  group.spawn(base::task_detail::store_into(std::move(task), slot));
  while (group.size() > 0) {
    if (loop.poll() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return std::move(**slot);
}

}  // namespace kube::testing
