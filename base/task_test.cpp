#include "base/task.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace base {
namespace {

using namespace std::chrono_literals;

// Runs `body` on a fresh loop until it returns.
template <class Body>
void on_loop(Body body) {
  Loop loop;
  TaskGroup group(loop.executor(), Log{});
  group.spawn(body(&loop));
  while (group.size() > 0) {
    loop.poll();
    std::this_thread::yield();
  }
}

Task<void> append(std::vector<int>* order, int value) {
  order->push_back(value);
  co_return;
}

Task<void> throws() {
  throw std::runtime_error("boom");
  co_return;
}

Task<void> waits_forever(bool* was_stopped) {
  auto slept = co_await sleep_for(1h);
  *was_stopped = !slept && slept.error().code == Code::cancelled && co_await stopping();
}

TEST(TaskGroup, AHandleStopsItsTaskAlone) {
  Loop loop;
  bool first_stopped = false;
  bool second_stopped = false;
  TaskGroup group(loop.executor(), Log{});
  const TaskHandle first = group.spawn(waits_forever(&first_stopped));
  group.spawn(waits_forever(&second_stopped));
  loop.poll();
  first.stop();
  while (group.size() > 1) loop.poll();
  EXPECT_TRUE(first_stopped);
  EXPECT_FALSE(second_stopped);
  first.stop();  // ended: nothing happens
  group.stop();
  while (group.size() > 0) loop.poll();
}

Task<Result<int>> answer(Duration after) {
  auto slept = co_await sleep_for(after);
  if (!slept) co_return std::unexpected(slept.error());
  co_return 42;
}

TEST(TaskGroup, RunsWhatIsSpawned) {
  std::vector<int> order;
  Loop loop;
  TaskGroup group(loop.executor(), Log{});
  group.spawn(append(&order, 1));
  group.spawn(append(&order, 2));
  loop.poll();
  EXPECT_EQ(order, (std::vector{1, 2}));
  EXPECT_EQ(group.size(), 0u);
}

TEST(TaskGroup, ReportsAStrayExceptionAndEndsThatTaskAlone) {
  std::string lines;
  const Log log =
      Log::to(LogLevel::debug, LogFormat::text, [&](std::string_view line) { lines += line; });
  Loop loop;
  TaskGroup group(loop.executor(), log);
  std::vector<int> order;
  group.spawn(throws());
  group.spawn(append(&order, 1));
  loop.poll();
  EXPECT_NE(lines.find("boom"), lines.npos);
  EXPECT_EQ(order.size(), 1u);
}

Task<void> stop_and_join(TaskGroup* group, bool* joined) {
  group->stop();
  co_await group->join();
  *joined = true;
}

TEST(TaskGroup, StopEndsWaitingTasks) {
  Loop loop;
  bool was_stopped = false;
  bool joined = false;
  TaskGroup group(loop.executor(), Log{});
  group.spawn(waits_forever(&was_stopped));
  loop.poll();
  TaskGroup outer(loop.executor(), Log{});
  outer.spawn(stop_and_join(&group, &joined));
  while (!joined) loop.poll();
  EXPECT_TRUE(was_stopped);
}

Task<void> ends_now(Loop* loop) {
  loop->stop();
  co_return;
}

// A task that has returned, but whose end the loop has not worked off yet, must not be touched by a
// stop from outside.
TEST(TaskGroup, StopFromOutsideTheLoopSparesTasksThatJustEnded) {
  Loop loop;
  TaskGroup group(loop.executor(), Log{});
  group.spawn(ends_now(&loop));
  loop.run();
  group.stop();
  while (group.size() > 0) loop.poll();
  EXPECT_EQ(group.size(), 0u);
}

Task<void> deadline_cases(Loop*) {
  auto quick = co_await with_deadline(answer(0ms), 1h);
  EXPECT_EQ(quick, Result<int>(42));
  auto slow = co_await with_deadline(answer(1h), 5ms);
  EXPECT_FALSE(slow);
  if (!slow) EXPECT_EQ(slow.error().code, Code::timeout);
}

TEST(WithDeadline, ReturnsTheValueOrTimesOut) {
  on_loop(deadline_cases);
}

Task<void> deadline_inside(bool* cancelled) {
  auto result = co_await with_deadline(answer(1h), 1h);
  *cancelled = !result && result.error().code == Code::cancelled;
}

TEST(WithDeadline, HandsTheStopOfItsTaskOn) {
  Loop loop;
  bool cancelled = false;
  TaskGroup group(loop.executor(), Log{});
  group.spawn(deadline_inside(&cancelled));
  loop.poll();
  group.stop();
  while (group.size() > 0) loop.poll();
  EXPECT_TRUE(cancelled);
}

Task<void> wait_for_signal(Signal* signal, int* woken) {
  auto result = co_await signal->wait();
  if (result) ++*woken;
}

TEST(Signal, WakesEveryWaiterAndRemembersOneNotification) {
  Loop loop;
  int woken = 0;
  Signal signal(loop.executor());
  TaskGroup group(loop.executor(), Log{});
  group.spawn(wait_for_signal(&signal, &woken));
  group.spawn(wait_for_signal(&signal, &woken));
  loop.poll();
  EXPECT_EQ(woken, 0);
  signal.notify();
  loop.poll();
  EXPECT_EQ(woken, 2);
  signal.notify();
  group.spawn(wait_for_signal(&signal, &woken));
  loop.poll();
  EXPECT_EQ(woken, 3);
}

TEST(Loop, TakesWorkFromOtherThreads) {
  Loop loop;
  std::atomic<int> sum = 0;
  std::thread other([&] {
    for (int i = 1; i <= 100; ++i) loop.post([&sum, i] { sum += i; });
    loop.post([&loop] { loop.stop(); });
  });
  loop.run();
  other.join();
  EXPECT_EQ(sum, 5050);
}

}  // namespace
}  // namespace base
