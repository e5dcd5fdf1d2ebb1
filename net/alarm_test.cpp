#include "net/alarm.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/clock.h"
#include "net/budget.h"
#include "net/rate.h"
#include "net/testing/run.h"

namespace net {
namespace {

using namespace std::chrono_literals;

Task<void> rings(base::Loop& loop) {
  const base::SystemClock clock;
  int rung = 0;
  Alarm alarm(loop.executor(), [&rung] { ++rung; });
  Alarm cleared(loop.executor(), [&rung] { rung += 100; });
  const Instant start = clock.steady();
  cleared.set(start + 1ms);
  cleared.clear();
  alarm.set(start + 1h);
  alarm.set(start + 5ms);   // earlier
  alarm.set(start + 20ms);  // later: the timer of 5 ms only looks
  const bool once = co_await testing::eventually([&] { return rung == 1; });
  EXPECT_TRUE(once);
  EXPECT_GE(clock.steady() - start, 20ms);
  alarm.set(start);  // past
  const bool again = co_await testing::eventually([&] { return rung == 2; });
  EXPECT_TRUE(again);
}

TEST(Alarm, RingsOnceAtItsLatestMoment) {
  testing::run(rings);
}

Task<void> destroys_itself(base::Loop& loop) {
  bool rung = false;
  std::unique_ptr<Alarm> alarm;
  alarm = std::make_unique<Alarm>(loop.executor(), [&] {
    alarm.reset();
    rung = true;
  });
  alarm->set(base::SystemClock{}.steady());
  const bool survived = co_await testing::eventually([&] { return rung; });
  EXPECT_TRUE(survived);
}

TEST(Alarm, MayBeDestroyedByItsOwnRing) {
  testing::run(destroys_itself);
}

TEST(Budget, GivesOutAndTakesBack) {
  Budget budget(10);
  {
    Share share(budget);
    EXPECT_TRUE(share.grow_to(6));
    EXPECT_TRUE(share.grow_to(3));  // it has that
    EXPECT_EQ(budget.used(), 6u);
    Share other(budget);
    EXPECT_FALSE(other.grow_to(5));
    EXPECT_TRUE(other.grow_to(4));
    const Share moved(std::move(share));
    EXPECT_EQ(budget.used(), 10u);
  }
  EXPECT_EQ(budget.used(), 0u);
}

TEST(Part, HasWhatIsGuaranteedWhateverOthersHold) {
  Budget all(10);
  Part greedy(all, 2);
  {
    Part modest(all, 2);
    EXPECT_TRUE(greedy.take(10));
    EXPECT_FALSE(greedy.take(1));
    EXPECT_TRUE(modest.take(2));
    EXPECT_FALSE(modest.take(1));
    EXPECT_EQ(all.used(), 12u);
    greedy.give_back(3);
    EXPECT_TRUE(modest.take(1));
  }
  EXPECT_EQ(all.used(), 7u);  // it has given back what it had
}

TEST(Share, GrowsAndShrinks) {
  Budget budget(10);
  Share share(budget);
  EXPECT_TRUE(share.resize(8));
  EXPECT_TRUE(share.resize(5));
  EXPECT_EQ(budget.used(), 5u);
  EXPECT_FALSE(share.resize(11));
  EXPECT_EQ(budget.used(), 5u);
}

TEST(RateLimit, AllowsSoManyPerWindow) {
  RateLimit limit(2, 10s);
  const Instant start = Instant{} + 1h;
  EXPECT_TRUE(limit.allow(start));
  EXPECT_TRUE(limit.allow(start + 9s));
  EXPECT_FALSE(limit.allow(start + 9s));
  EXPECT_TRUE(limit.allow(start + 10s));
  EXPECT_TRUE(limit.allow(start + 10s));
  EXPECT_FALSE(limit.allow(start + 10s));
  limit.reset();
  EXPECT_TRUE(limit.allow(start + 10s));
}

}  // namespace
}  // namespace net
