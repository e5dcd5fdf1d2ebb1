#pragma once

// Coroutines of one event loop: Task<T>, the loop itself, structured groups of tasks, deadlines and
// signals. Rules (base/README.md): nobody spawns detached work; a TaskGroup owns it,
// stops it and awaits it. Cancellation is cooperative: a pending await ends with Code::cancelled
// and so does every later one.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/log.h"
#include "base/result.h"
#include "base/time.h"

namespace boost::asio {
class io_context;
}

namespace base {

template <class T>
using Task = boost::asio::awaitable<T>;

using Executor = boost::asio::any_io_executor;

// One thread's event loop. run() is called by its thread; post() and stop() are thread-safe.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs handlers until stop(); afterwards nothing more runs.
  void run();
  // For tests: runs what is ready now, without waiting. Returns how many handlers ran.
  std::size_t poll();
  // Runs until `done` holds, which is asked after each handler.
  void run_until(const std::function<bool()>& done);
  void stop();
  // Runs `work` on the loop's thread, later. Thread-safe. What was posted but not run when the loop
  // stops is dropped.
  void post(std::move_only_function<void()> work);

  Executor executor();
  boost::asio::io_context& context() { return *context_; }

 private:
  std::unique_ptr<boost::asio::io_context> context_;
};

// True once the task that awaits this was told to stop.
Task<bool> stopping();

// Waits; ends early with Code::cancelled when the task is stopped. Steady time.
Task<Result<void>> sleep_for(Duration d);

// A condition that tasks of one loop wait for. notify() wakes every waiter; a notify() without
// waiter is remembered once. Confined to its loop.
class Signal {
 public:
  explicit Signal(Executor executor);
  ~Signal();
  Signal(Signal&&) noexcept;
  Signal& operator=(Signal&&) noexcept;

  void notify();
  // Errors: cancelled.
  Task<Result<void>> wait();
  // Errors: timeout after `limit`; cancelled.
  Task<Result<void>> wait_for(Duration limit);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

namespace task_detail {
struct Entry;
}

// Stops one task of a group; a no-op once the task has ended. May outlive both. Confined to the
// group's loop.
class TaskHandle {
 public:
  TaskHandle() = default;
  explicit TaskHandle(std::weak_ptr<task_detail::Entry> entry) : entry_(std::move(entry)) {}

  // Asks the task to stop. It may end before this returns.
  void stop() const;

 private:
  std::weak_ptr<task_detail::Entry> entry_;
};

// Owns tasks of one loop. A stray exception of a task is logged as a bug and ends that task alone.
// Confined to its loop. The destructor checks that every task has ended: stop() and join() first.
class TaskGroup {
 public:
  TaskGroup(Executor executor, Log log);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts `task`, which ends when it returns or soon after stop(). Spawning on a stopped group is
  // a no-op. On the loop's own thread the task runs at once, up to its first wait.
  TaskHandle spawn(Task<void> task);
  // Asks every task to stop; join() waits until they have.
  void stop();
  Task<void> join();
  std::size_t size() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

namespace task_detail {

struct DeadlineState;
std::shared_ptr<DeadlineState> start_deadline(Executor executor, Duration limit);
bool finish_deadline(DeadlineState& state);  // true when the limit passed first
Task<void> run_under_deadline(std::shared_ptr<DeadlineState> state, Task<void> body);

// A named coroutine instead of a capturing lambda: its parameters live in its frame.
template <class T>
Task<void> store_into(Task<T> operation, std::shared_ptr<std::optional<T>> slot) {
  slot->emplace(co_await std::move(operation));
}

Task<Executor> current_executor();

}  // namespace task_detail

// Awaits `operation` for at most `limit`, then stops it and returns Code::timeout.
template <class T>
Task<Result<T>> with_deadline(Task<Result<T>> operation, Duration limit) {
  auto slot = std::make_shared<std::optional<Result<T>>>();
  const Executor executor = co_await task_detail::current_executor();
  auto state = task_detail::start_deadline(executor, limit);
  co_await task_detail::run_under_deadline(state,
                                           task_detail::store_into(std::move(operation), slot));
  const bool late = task_detail::finish_deadline(*state);
  if (late) co_return fail(Code::timeout, "no answer within " + format_duration(limit));
  if (!*slot) co_return fail(Code::internal, "task ended without a result");
  co_return std::move(**slot);
}

}  // namespace base

using base::Executor;
using base::Task;
