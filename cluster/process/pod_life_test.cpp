#include "cluster/process/pod_life.h"

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"

namespace cluster::process {
namespace {

using namespace std::chrono_literals;

class PodLifeTest : public ::testing::Test {
 protected:
  static kube::Pod pod() {
    kube::Pod pod;
    pod.meta.created = Timestamp{1'700'000'000'000'000'000};
    pod.spec.containers = {{.name = "main", .command = {"x"}}};
    return pod;
  }

  void begin() { life.begun(RunId{1}); }
  void run() {
    begin();
    life.started(clock.now(), clock.steady());
  }
  void end(Ended how) { life.ended(how, clock.now(), clock.steady()); }
  kube::ContainerStatus container() const { return life.status().containers.at(0); }
  std::string ready() const {
    return kube::find_condition(life.status().conditions, "Ready")->status;
  }

  base::testing::FakeClock clock;
  PodLife life{pod(), CrashBackoffOptions{}, clock.steady()};
};

TEST_F(PodLifeTest, BeginsPendingAndDueAtOnce) {
  EXPECT_EQ(life.due(), clock.steady());
  EXPECT_EQ(life.status().phase, "Pending");
  EXPECT_EQ(container().reason, "ContainerCreating");
  EXPECT_EQ(container().restarts, 0);
  EXPECT_EQ(ready(), "False");
}

TEST_F(PodLifeTest, IsReadyOnceItRuns) {
  begin();
  EXPECT_EQ(life.due(), std::nullopt);
  EXPECT_FALSE(life.ready());
  life.started(clock.now(), clock.steady());
  EXPECT_TRUE(life.ready());
  EXPECT_EQ(life.status().phase, "Running");
  EXPECT_EQ(container().state, kube::ContainerStatus::State::running);
  EXPECT_EQ(container().started, clock.now());
  EXPECT_EQ(ready(), "True");
}

TEST_F(PodLifeTest, SaysSinceWhenItIsReadyOrNot) {
  const auto since = [&] { return kube::find_condition(life.status().conditions, "Ready")->since; };
  EXPECT_EQ(since(), pod().meta.created);
  clock.advance(3s);
  run();
  const Timestamp ready = clock.now();
  EXPECT_EQ(since(), ready);
  clock.advance(10s);
  EXPECT_EQ(since(), ready);
  end({Ended::How::exited, 1, ""});
  const Timestamp ended = clock.now();
  EXPECT_EQ(since(), ended);
  clock.advance(10s);
  begin();
  EXPECT_EQ(since(), ended);
  life.stop(clock.now());
  EXPECT_EQ(since(), ended);
}

TEST_F(PodLifeTest, ShowsHowTheContainerEnded) {
  struct Case {
    const char* name;
    Ended how;
    int exit_code;
    const char* reason;
    const char* message;
  };
  const Case cases[] = {
      {"success", {Ended::How::exited, 0, ""}, 0, "Completed", ""},
      {"exit code", {Ended::How::exited, 3, ""}, 3, "Error", ""},
      {"signal", {Ended::How::signalled, 9, ""}, 137, "Error", "was ended by signal 9 (Killed)"},
      {"no start", {Ended::How::not_started, 2, "why"}, 128, "StartError", "why"},
      {"lost",
       {Ended::How::lost, 0, "its keeper was killed"},
       137,
       "Error",
       "its keeper was killed"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    life = PodLife(pod(), CrashBackoffOptions{}, clock.steady());
    run();
    clock.advance(5s);
    end(c.how);
    EXPECT_EQ(container().state, kube::ContainerStatus::State::terminated);
    EXPECT_EQ(container().exit_code, c.exit_code);
    EXPECT_EQ(container().reason, c.reason);
    EXPECT_EQ(container().message, c.message);
    EXPECT_EQ(container().finished, clock.now());
    EXPECT_EQ(ready(), "False");
    EXPECT_FALSE(life.ready());
  }
}

TEST_F(PodLifeTest, RestartsAtOnceAndThenWaits) {
  run();
  end({Ended::How::exited, 1, ""});
  EXPECT_EQ(life.due(), clock.steady());
  run();
  EXPECT_EQ(container().restarts, 1);
  end({Ended::How::exited, 1, ""});
  EXPECT_EQ(life.due(), clock.steady() + 10s);
  EXPECT_EQ(container().state, kube::ContainerStatus::State::waiting);
  EXPECT_EQ(container().reason, "CrashLoopBackOff");
  EXPECT_EQ(container().message,
            "back-off 10s restarting container \"main\": it exited with code 1");
}

TEST_F(PodLifeTest, StaysPendingUntilItHasRun) {
  begin();
  end({Ended::How::not_started, 2, "command not found: x"});
  EXPECT_EQ(life.status().phase, "Pending");
  EXPECT_FALSE(container().started);
  run();
  EXPECT_EQ(life.status().phase, "Running");
}

TEST_F(PodLifeTest, IsGoneWhenStoppedAndEnded) {
  run();
  life.stop(clock.now());
  EXPECT_FALSE(life.ready());
  EXPECT_FALSE(life.gone());
  end({Ended::How::signalled, 15, ""});
  EXPECT_TRUE(life.gone());
  EXPECT_EQ(life.due(), std::nullopt);
  EXPECT_EQ(life.status().phase, "Failed");
}

TEST_F(PodLifeTest, IsGoneAtOnceWhenItWaitsToBeStarted) {
  life.stop(clock.now());
  EXPECT_TRUE(life.gone());
  EXPECT_EQ(life.status().phase, "Pending");
}

}  // namespace
}  // namespace cluster::process
