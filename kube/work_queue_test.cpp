#include "kube/work_queue.h"

#include <gtest/gtest.h>

#include <vector>

namespace kube {
namespace {

Task<void> take_all(WorkQueue* queue, std::vector<std::string>* taken) {
  for (;;) {
    auto key = co_await queue->take();
    if (!key) co_return;
    taken->push_back(key->name);
  }
}

void stop(base::Loop& loop, base::TaskGroup& tasks) {
  tasks.stop();
  while (tasks.size() > 0) loop.poll();
}

TEST(WorkQueue, GivesEachKeyOnceInOrder) {
  base::Loop loop;
  WorkQueue queue(loop.executor());
  std::vector<std::string> taken;
  for (const char* name : {"a", "b", "a", "c", "b"}) queue.add({"ns", name});
  base::TaskGroup tasks(loop.executor(), Log{});
  tasks.spawn(take_all(&queue, &taken));
  loop.poll();
  EXPECT_EQ(taken, (std::vector<std::string>{"a", "b", "c"}));
  stop(loop, tasks);
}

TEST(WorkQueue, GivesAKeyAgainOnlyWhenItIsDone) {
  base::Loop loop;
  WorkQueue queue(loop.executor());
  std::vector<std::string> taken;
  base::TaskGroup tasks(loop.executor(), Log{});
  tasks.spawn(take_all(&queue, &taken));
  queue.add({"ns", "a"});
  loop.poll();
  queue.add({"ns", "a"});
  queue.add({"ns", "a"});
  loop.poll();
  EXPECT_EQ(taken.size(), 1u);
  queue.done({"ns", "a"});
  loop.poll();
  EXPECT_EQ(taken.size(), 2u);
  queue.done({"ns", "a"});
  loop.poll();
  EXPECT_TRUE(queue.idle());
  stop(loop, tasks);
}

TEST(WorkQueue, WakesEveryWorkerThatHasWork) {
  base::Loop loop;
  WorkQueue queue(loop.executor());
  std::vector<std::string> taken;
  base::TaskGroup tasks(loop.executor(), Log{});
  for (int i = 0; i < 3; ++i) tasks.spawn(take_all(&queue, &taken));
  loop.poll();
  for (const char* name : {"a", "b", "c"}) queue.add({"ns", name});
  loop.poll();
  EXPECT_EQ(taken.size(), 3u);
  stop(loop, tasks);
}

}  // namespace
}  // namespace kube
