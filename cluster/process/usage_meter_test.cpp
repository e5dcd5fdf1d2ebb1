#include "cluster/process/usage_meter.h"

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"

namespace cluster::process {
namespace {

using namespace std::chrono_literals;

constexpr RunId run{1};

class UsageMeterTest : public ::testing::Test {
 protected:
  void look(Duration cpu, std::uint64_t bytes = 100) {
    meter.look({{run, {.cpu = cpu, .resident_bytes = bytes}}}, {clock.now(), clock.steady()});
  }

  base::testing::FakeClock clock;
  UsageMeter meter{10s};
};

TEST_F(UsageMeterTest, KnowsNothingBeforeTheSecondLook) {
  EXPECT_TRUE(meter.due(clock.steady()));
  look(1s);
  EXPECT_EQ(meter.of(run), std::nullopt);
  EXPECT_EQ(meter.of(RunId{2}), std::nullopt);
}

TEST_F(UsageMeterTest, DividesWhatWasUsedByTheTimeBetween) {
  look(1s);
  clock.advance(15s);
  look(4s, 300);
  EXPECT_EQ(meter.of(run), (Usage{clock.now(), 15s, 0.2, 300}));
}

TEST_F(UsageMeterTest, IsDueAfterTheInterval) {
  look(1s);
  clock.advance(10s - 1ns);
  EXPECT_FALSE(meter.due(clock.steady()));
  clock.advance(1ns);
  EXPECT_TRUE(meter.due(clock.steady()));
}

TEST_F(UsageMeterTest, ALookLongAgoSaysNothingOfNow) {
  look(1s);
  clock.advance(UsageMeter::window_max + 1s);
  look(2s);
  EXPECT_EQ(meter.of(run), std::nullopt);
  clock.advance(10s);
  look(3s);
  EXPECT_EQ(meter.of(run)->window, 10s);
}

TEST_F(UsageMeterTest, TimeThatVanishesIsNotNegative) {
  look(5s);
  clock.advance(10s);
  look(4s);
  EXPECT_EQ(meter.of(run)->cores, 0);
}

TEST_F(UsageMeterTest, ForgetsRunsThatAreGone) {
  look(1s);
  clock.advance(10s);
  meter.look({}, {clock.now(), clock.steady()});
  clock.advance(10s);
  look(2s);
  EXPECT_EQ(meter.of(run), std::nullopt);
}

}  // namespace
}  // namespace cluster::process
