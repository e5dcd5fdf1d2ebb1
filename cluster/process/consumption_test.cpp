#include "cluster/process/consumption.h"

#include "cluster/process/testing/host.h"

namespace cluster::process {
namespace {

using namespace std::chrono_literals;
using namespace testing;

class ConsumptionTest : public ::testing::Test {
 protected:
  RunId start(const std::string& script) {
    const Spec spec{.name = "pod",
                    .command = {"sh", "-c", script},
                    .env = {"PATH=/usr/bin:/bin"},
                    .log_file = folder / "log",
                    .log_bytes_max = 1 << 20};
    return host.runner().start(spec, [](RunId, const Event&) {}).value();
  }
  pid_t keeper(RunId run) { return host.runner().keepers().at(run); }
  Consumption of(RunId run) { return consumption_below({keeper(run)})[keeper(run)]; }

  Folder folder;
  Host host;
};

TEST_F(ConsumptionTest, CountsWhatRunsBelowAKeeper) {
  const RunId busy = start("while :; do :; done");
  const RunId idle = start("exec sleep 1000");
  EXPECT_TRUE(host.until([&] { return of(busy).cpu >= 100ms; }));
  EXPECT_TRUE(host.until([&] { return of(idle).resident_bytes > 0; }));
  EXPECT_GT(of(busy).resident_bytes, 0u);
  EXPECT_LT(of(idle).cpu, 100ms);
}

TEST_F(ConsumptionTest, WhatHasEndedStillCounts) {
  const std::string done = folder / "done";
  const RunId run = start("(i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done); touch " + done +
                          "; exec sleep 1000");
  EXPECT_TRUE(host.until([&] { return std::filesystem::exists(done); }));
  EXPECT_GT(of(run).cpu, 0ms);
}

TEST_F(ConsumptionTest, ARootThatIsGoneIsLeftOut) {
  EXPECT_TRUE(consumption_below({}).empty());
  const RunId run = start("exec sleep 1000");
  const pid_t pid = keeper(run);
  EXPECT_EQ(consumption_below({pid}).size(), 1u);
  host.drain(5s);
  EXPECT_TRUE(consumption_below({pid}).empty());
}

}  // namespace
}  // namespace cluster::process
