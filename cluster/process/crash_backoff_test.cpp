#include "cluster/process/crash_backoff.h"

#include <gtest/gtest.h>

#include <vector>

namespace cluster::process {
namespace {

using namespace std::chrono_literals;

TEST(CrashBackoff, RestartsAtOnceThenDoublesUntilTheCeiling) {
  CrashBackoff backoff{{}};
  std::vector<Duration> waits;
  for (int i = 0; i < 8; ++i) waits.push_back(backoff.after_run(1s));
  EXPECT_EQ(waits, (std::vector<Duration>{0s, 10s, 20s, 40s, 80s, 160s, 300s, 300s}));
}

TEST(CrashBackoff, ForgetsAfterALongRun) {
  CrashBackoff backoff{{}};
  for (int i = 0; i < 5; ++i) backoff.after_run(9min);
  EXPECT_EQ(backoff.after_run(9min), 160s);
  EXPECT_EQ(backoff.after_run(10min), 0s);
  EXPECT_EQ(backoff.after_run(1s), 10s);
}

}  // namespace
}  // namespace cluster::process
