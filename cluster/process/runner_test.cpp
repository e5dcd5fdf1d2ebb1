#include "cluster/process/runner.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <csignal>
#include <vector>

#include "cluster/process/children.h"
#include "cluster/process/testing/host.h"

namespace cluster::process {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using ::testing::HasSubstr;

class RunnerTest : public ::testing::Test {
 protected:
  // A run and what was heard of it.
  struct Heard {
    RunId id{};
    std::optional<pid_t> pid;
    std::optional<Ended> ended;
  };

  Spec shell(const std::string& script) {
    return {.name = "test",
            .command = {"sh", "-c", script},
            .env = {"PATH=/usr/bin:/bin"},
            .log_file = log};
  }

  Heard& start(const Spec& spec) {
    auto& heard = *heard_.emplace_back(std::make_unique<Heard>());
    const auto id = host.runner().start(spec, [&heard](RunId, const Event& event) {
      if (const auto* started = std::get_if<Started>(&event)) heard.pid = started->pid;
      if (const auto* ended = std::get_if<Ended>(&event)) heard.ended = *ended;
    });
    EXPECT_TRUE(id) << id.error().what;
    heard.id = id.value_or(RunId{0});
    return heard;
  }

  // Runs to the end.
  Heard& run(const Spec& spec) {
    Heard& heard = start(spec);
    EXPECT_TRUE(until_ended(heard));
    return heard;
  }

  bool until_ended(const Heard& heard) {
    return host.until([&] { return heard.ended.has_value(); });
  }

  pid_t pid_from(const std::string& file) {
    std::optional<pid_t> pid;
    EXPECT_TRUE(host.until([&] { return (pid = read_pid(file)).has_value(); })) << file;
    return pid.value_or(-1);
  }

  Folder folder;
  const std::string log = folder / "pod.log";

 private:
  std::vector<std::unique_ptr<Heard>> heard_;

 protected:
  Host host;
};

TEST_F(RunnerTest, TellsHowARunEnded) {
  struct Case {
    const char* name;
    const char* script;
    Ended::How how;
    int value;
  };
  const Case cases[] = {
      {"success", "exit 0", Ended::How::exited, 0},
      {"exit code", "exit 3", Ended::How::exited, 3},
      {"signal", "kill -KILL $$", Ended::How::signalled, SIGKILL},
      {"a signal that keepers ignore", "kill -TERM $$", Ended::How::signalled, SIGTERM},
      {"a broken pipe", "kill -PIPE $$", Ended::How::signalled, SIGPIPE},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Heard& heard = run(shell(c.script));
    EXPECT_TRUE(heard.pid);
    EXPECT_EQ(heard.ended->how, c.how);
    EXPECT_EQ(heard.ended->value, c.value);
  }
  EXPECT_EQ(host.runner().running(), 0u);
}

TEST_F(RunnerTest, SaysWhyACommandCannotRun) {
  std::ofstream(folder / "data.txt") << "no program";
  std::ofstream(folder / "garbage") << '\x7f' << "ELF";
  std::filesystem::permissions(folder / "garbage", std::filesystem::perms::owner_all);
  struct Case {
    const char* name;
    std::string command;
    std::string working_dir;
    std::string want;
  };
  const Case cases[] = {
      {"unknown name", "no-such-thing", "", "command not found: no-such-thing"},
      {"unknown path", "/no/such/thing", "", "command not found: /no/such/thing"},
      {"no permission", folder / "data.txt", "", "not executable: " + folder / "data.txt"},
      {"working directory", "true", "/no/such/folder",
       "cannot enter the working directory /no/such/folder: No such file or directory"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Spec spec = shell("");
    spec.command = {c.command};
    spec.working_dir = c.working_dir;
    const Heard& heard = run(spec);
    EXPECT_FALSE(heard.pid);
    EXPECT_EQ(heard.ended->how, Ended::How::not_started);
    EXPECT_EQ(heard.ended->what, c.want);
  }
  EXPECT_EQ(host.metrics().start_failures.value(), std::size(cases));
}

TEST_F(RunnerTest, KeepsOutputAndErrorsInOrderInOneFile) {
  run(shell("echo one; echo two >&2; echo three; printf four"));
  run(shell("echo five"));
  EXPECT_EQ(read_text(log), "one\ntwo\nthree\nfourfive\n");
}

TEST_F(RunnerTest, BoundsTheLogAndKeepsItsNewestPart) {
  Spec spec = shell("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done");
  spec.log_bytes_max = 70'000;
  run(spec);
  EXPECT_LE(std::filesystem::file_size(log), spec.log_bytes_max);
  EXPECT_LE(std::filesystem::file_size(log + ".1"), spec.log_bytes_max);
  const std::string all = read_text(log + ".1") + read_text(log);
  EXPECT_GT(all.size(), spec.log_bytes_max / 2);
  EXPECT_TRUE(all.ends_with("line 19998\nline 19999\n"));
}

TEST_F(RunnerTest, RunsOnWhenOutputCannotBeKept) {
  Spec spec = shell("yes | head -c 300000; exit 7");
  for (const char* file : {"/no/such/folder/pod.log", "/dev/full"}) {
    SCOPED_TRACE(file);
    spec.log_file = file;
    EXPECT_EQ(run(spec).ended->value, 7);
    EXPECT_THAT(host.log_text(), HasSubstr(file));
    EXPECT_THAT(host.log_text(), HasSubstr("kib=293"));
  }
}

TEST_F(RunnerTest, GivesAPodItsOwnSessionEnvironmentFolderAndOnlyThreeDescriptors) {
  const int leaked = ::open("/dev/null", O_RDONLY);  // on purpose without O_CLOEXEC
  Spec spec = shell(
      // Without a pipe: the shell would hold an end of it for a while.
      "echo $A; pwd; readlink /proc/self/fd/0; ls -m /proc/$$/fd; "
      "cut -d' ' -f5,6 /proc/$$/stat; echo $$; env | sort | grep -v -e PWD -e _= -e SHLVL");
  spec.env = {"A=a b", "PATH=/usr/bin:/bin"};
  spec.working_dir = "/usr";
  const Heard& heard = run(spec);
  ::close(leaked);
  const std::string pid = std::to_string(*heard.pid);
  EXPECT_EQ(read_text(log), "a b\n/usr\n/dev/null\n0, 1, 2\n" + pid + " " + pid + "\n" + pid +
                                "\nA=a b\nPATH=/usr/bin:/bin\n");
}

TEST_F(RunnerTest, StartsThePodWithDefaultSignals) {
  Heard& heard = start(shell("exec sleep 1000"));
  ASSERT_TRUE(host.until([&] { return heard.pid.has_value(); }));
  const std::string status = read_text("/proc/" + std::to_string(*heard.pid) + "/status");
  // Signals 32 and 33 belong to the C library, whose posix_spawn ignores them.
  constexpr std::uint64_t first_31 = 0x7fff'ffff;
  for (const std::string set : {"SigBlk:\t", "SigIgn:\t"}) {
    ASSERT_THAT(status, HasSubstr(set));
    EXPECT_EQ(std::stoull(status.substr(status.find(set) + set.size()), nullptr, 16) & first_31, 0u)
        << set;
  }
}

TEST_F(RunnerTest, StopsWithSigterm) {
  Heard& heard = start(shell("trap 'echo bye; exit 5' TERM; echo $$ >" + folder / "up" +
                             "; while :; do sleep 0.01; done"));
  pid_from(folder / "up");
  host.runner().stop(heard.id, 1h);
  ASSERT_TRUE(until_ended(heard));
  EXPECT_EQ(heard.ended->value, 5);
  EXPECT_THAT(read_text(log), HasSubstr("bye\n"));
}

TEST_F(RunnerTest, ReachesARunThatIsStillStarting) {
  Heard& heard = start(shell("exec sleep 1000"));
  host.runner().stop(heard.id, 1h);
  ASSERT_TRUE(until_ended(heard));
  EXPECT_EQ(heard.ended->value, SIGTERM);
}

TEST_F(RunnerTest, KillsWhatIgnoresSigterm) {
  Heard& heard =
      start(shell("trap '' TERM; echo $$ >" + folder / "up" + "; sleep 1000; sleep 1000"));
  pid_from(folder / "up");
  host.runner().stop(heard.id, 50ms);
  ASSERT_TRUE(until_ended(heard));
  EXPECT_EQ(heard.ended->how, Ended::How::signalled);
  EXPECT_EQ(heard.ended->value, SIGKILL);
}

TEST_F(RunnerTest, ASecondStopShortensTheGrace) {
  Heard& heard =
      start(shell("trap '' TERM; echo $$ >" + folder / "up" + "; sleep 1000; sleep 1000"));
  pid_from(folder / "up");
  host.runner().stop(heard.id, 1h);
  host.runner().stop(heard.id, 2h);
  host.runner().stop(heard.id, 0s);
  ASSERT_TRUE(until_ended(heard));
  EXPECT_EQ(heard.ended->value, SIGKILL);
}

// What a pod leaves behind when nobody looks: a daemon in a session of its own, whose parent is
// gone.
std::string daemon(const std::string& pid_file, const std::string& body) {
  return "setsid sh -c '(" + body + "; echo $$ >" + pid_file + ".tmp; sh -c \"echo \\$PPID\" >" +
         pid_file + "; while :; do sleep 0.01; done) & ' & ";
}

TEST_F(RunnerTest, EndsTheDaemonsOfAPodThatEndsByItself) {
  Heard& heard = start(shell(daemon(folder / "daemon", "trap \"\" TERM") + "while ! [ -s " +
                             folder / "daemon" + " ]; do sleep 0.01; done; exit 4"));
  const pid_t daemon_pid = pid_from(folder / "daemon");
  ASSERT_TRUE(until_ended(heard));
  EXPECT_EQ(heard.ended->value, 4);
  EXPECT_FALSE(is_alive(daemon_pid));
}

TEST_F(RunnerTest, AsksDaemonsToEndOnceTheirPodHas) {
  Heard& heard = start(
      shell(daemon(folder / "daemon", "trap \"echo cleaned up; exit\" TERM") + "exec sleep 1000"));
  const pid_t daemon_pid = pid_from(folder / "daemon");
  host.runner().stop(heard.id, 1h);
  ASSERT_TRUE(until_ended(heard));
  EXPECT_EQ(heard.ended->value, SIGTERM);
  EXPECT_FALSE(is_alive(daemon_pid));
  EXPECT_EQ(read_text(log), "cleaned up\n");
}

TEST_F(RunnerTest, KillsStubbornDaemonsAfterTheGrace) {
  Heard& heard = start(shell(daemon(folder / "daemon", "trap \"\" TERM") + "exec sleep 1000"));
  const pid_t daemon_pid = pid_from(folder / "daemon");
  host.runner().stop(heard.id, 50ms);
  ASSERT_TRUE(until_ended(heard));
  EXPECT_EQ(heard.ended->value, SIGTERM);
  EXPECT_FALSE(is_alive(daemon_pid));
}

TEST_F(RunnerTest, LeavesNothingWhenAKeeperIsKilled) {
  Heard& heard = start(shell(daemon(folder / "daemon", "trap \"\" TERM") + "echo $PPID >" +
                             folder / "keeper" + "; exec sleep 1000"));
  const pid_t daemon_pid = pid_from(folder / "daemon");
  const pid_t keeper_pid = pid_from(folder / "keeper");
  Heard& neighbour = start(shell("exec sleep 1000"));
  ASSERT_TRUE(host.until([&] { return heard.pid && neighbour.pid; }));
  ::kill(keeper_pid, SIGKILL);
  ASSERT_TRUE(until_ended(heard));
  EXPECT_EQ(heard.ended->how, Ended::How::lost);
  EXPECT_FALSE(is_alive(daemon_pid));
  EXPECT_FALSE(is_alive(*heard.pid));
  EXPECT_TRUE(is_alive(*neighbour.pid));
  EXPECT_EQ(host.metrics().lost_keepers.value(), 1u);
}

TEST_F(RunnerTest, KeepersIgnoreSignalsMeantForTidewheel) {
  Heard& heard = start(shell("echo $PPID >" + folder / "keeper" + "; exec sleep 1000"));
  const pid_t keeper_pid = pid_from(folder / "keeper");
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) ::kill(keeper_pid, signal);
  EXPECT_EQ(read_text("/proc/" + std::to_string(keeper_pid) + "/comm"), "pod-keeper\n");
  EXPECT_TRUE(
      read_text("/proc/" + std::to_string(keeper_pid) + "/cmdline").starts_with("pod test"));
  EXPECT_NE(::getsid(keeper_pid), ::getsid(0));
  host.runner().stop(heard.id, 1h);
  ASSERT_TRUE(until_ended(heard));
  EXPECT_EQ(heard.ended->value, SIGTERM);
}

TEST_F(RunnerTest, RefusesWhatItCannotRun) {
  const auto ignore = [](RunId, const Event&) {};
  Host small(1);
  EXPECT_EQ(small.runner().start(Spec{}, ignore).error().code, Code::invalid);
  Spec large = shell("true");
  large.command.push_back(std::string(spec_bytes_max, 'x'));
  EXPECT_EQ(small.runner().start(large, ignore).error().code, Code::exhausted);
  EXPECT_TRUE(small.runner().start(shell("exec sleep 1000"), ignore));
  EXPECT_EQ(small.runner().start(shell("true"), ignore).error().code, Code::exhausted);
  small.drain(1h);
  EXPECT_EQ(small.runner().start(shell("true"), ignore).error().code, Code::cancelled);
}

TEST_F(RunnerTest, RunsManyPodsAndDrainsThem) {
  std::vector<Heard*> all;
  for (int i = 0; i < 50; ++i) all.push_back(&start(shell("exec sleep 1000")));
  ASSERT_TRUE(host.until(
      [&] { return std::ranges::all_of(all, [](auto* h) { return h->pid.has_value(); }); }));
  EXPECT_EQ(host.runner().running(), 50u);
  host.drain(1h);
  EXPECT_EQ(host.runner().running(), 0u);
  for (const Heard* heard : all) EXPECT_EQ(heard->ended->value, SIGTERM);
  EXPECT_TRUE(children().empty());
}

// A process of its own that runs pods until it is killed.
[[noreturn]] void run_pods_until_killed(const std::vector<Spec>& specs) {
  Host host;
  for (const Spec& spec : specs) (void)host.runner().start(spec, [](RunId, const Event&) {});
  host.loop().run();
  ::_exit(0);
}

TEST_F(RunnerTest, NoProcessOutlivesAKilledTidewheel) {
  std::vector<Spec> specs;
  std::vector<std::string> pid_files;
  for (const char* name : {"a", "b", "c"}) {
    const std::string base = folder / name;
    specs.push_back(shell(daemon(base + ".daemon", "trap \"\" TERM") + "echo $PPID >" + base +
                          ".keeper; echo $$ >" + base +
                          ".main; trap '' TERM; while :; do sleep 0.01; done"));
    for (const char* part : {".daemon", ".keeper", ".main"}) pid_files.push_back(base + part);
  }
  const pid_t tidewheel = ::fork();
  if (tidewheel == 0) run_pods_until_killed(specs);
  std::vector<pid_t> pids;
  for (const auto& file : pid_files) pids.push_back(pid_from(file));
  for (const pid_t pid : pids) EXPECT_TRUE(is_alive(pid));

  ::kill(tidewheel, SIGKILL);
  ::waitpid(tidewheel, nullptr, 0);

  for (std::size_t i = 0; i < pids.size(); ++i) {
    EXPECT_TRUE(eventually([&] { return !is_alive(pids[i]); })) << pid_files[i];
  }
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

// As above, and a byte into `progress` after each start, and each time a command runs.
[[noreturn]] void run_pods_and_tell(const std::vector<Spec>& specs, int progress) {
  const auto tell = [progress] { EXPECT_EQ(::write(progress, "x", 1), 1); };
  Host host;
  for (const Spec& spec : specs) {
    (void)host.runner().start(spec, [&tell](RunId, const Event&) { tell(); });
    tell();
  }
  host.loop().run();
  ::_exit(0);
}

TEST_F(RunnerTest, NoProcessOutlivesATidewheelKilledWhileItStartsPods) {
  const std::vector<Spec> specs(3, shell("(setsid sleep 1000 &) & trap '' TERM; sleep 1000"));
  for (std::size_t steps = 1; steps <= 2 * specs.size(); ++steps) {
    SCOPED_TRACE(steps);
    int progress[2];
    ASSERT_EQ(::pipe2(progress, O_CLOEXEC), 0);
    const pid_t tidewheel = ::fork();
    if (tidewheel == 0) run_pods_and_tell(specs, progress[1]);
    char byte = 0;
    for (std::size_t step = 0; step < steps; ++step) ASSERT_EQ(::read(progress[0], &byte, 1), 1);
    ::kill(tidewheel, SIGKILL);
    ::close(progress[0]);
    ::close(progress[1]);
    // This process adopts orphans: whatever survives would stay its child.
    EXPECT_TRUE(eventually([] { return ::waitpid(-1, nullptr, WNOHANG) < 0; }));
  }
}

}  // namespace
}  // namespace cluster::process
