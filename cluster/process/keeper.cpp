#include "cluster/process/keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "cluster/process/children.h"
#include "cluster/process/launch.h"
#include "cluster/process/log_file.h"
#include "cluster/process/protocol.h"

namespace cluster::process {
namespace {

using std::chrono::milliseconds;

// Orphans arrive without a signal, so while a pod ends its keeper looks for new ones this often.
constexpr milliseconds look_again_every{20};

// What the last pass may still read from the output pipe: a process outside the pod could hold it
// open for ever.
constexpr std::size_t last_output_bytes_max = 1u << 20;

void report(Report message) {
  // Fails only when Tidewheel is gone; the control pipe says so too.
  [[maybe_unused]] const auto written = ::write(status_fd, &message, sizeof message);
}

Fd child_signals() {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGCHLD);
  sigprocmask(SIG_BLOCK, &mask, nullptr);
  return Fd(::signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK));
}

void empty(int fd) {
  std::array<char, 1024> ignored;
  while (::read(fd, ignored.data(), ignored.size()) > 0) {
  }
}

class Keeper {
 public:
  Keeper(Spec spec, Fd signals)
      : spec_(std::move(spec)),
        log_(spec_.log_file, spec_.log_bytes_max),
        signals_(std::move(signals)) {}

  void run();

 private:
  enum class Phase { running, stopping, killing };

  void start();
  void wait();
  void hear_start();
  void hear_orders();
  enum class Copied { some, nothing_now, all };
  Copied copy_output();
  void reap();
  void end_processes();
  void ask_to_end();
  void ask_orphans_to_end();
  void finish();
  int patience() const;

  const Spec spec_;
  const base::SystemClock clock_;
  LogFile log_;
  Fd signals_;
  Launched main_;
  Phase phase_ = Phase::running;
  Instant kill_at_{};
  bool tidewheel_gone_ = false;
  bool asked_group_ = false;  // SIGTERM was sent to the main process' group
  bool main_gone_ = false;
  bool none_left_ = false;
  bool loss_reported_ = false;
  std::set<pid_t> asked_orphans_;
  std::array<char, 64 << 10> buffer_;
};

void Keeper::run() {
  start();
  while (!none_left_) {
    wait();
    reap();
    end_processes();
  }
  finish();
}

void Keeper::start() {
  auto launched = launch(spec_);
  if (launched) {
    main_ = std::move(*launched);
  } else {
    report({Report::Kind::not_started, static_cast<int>(launched.error().step),
            launched.error().error});
    none_left_ = true;
  }
}

// Sleeps until something happens, and hears what.
void Keeper::wait() {
  std::array<pollfd, 4> events{{{tidewheel_gone_ ? -1 : control_fd, POLLIN, 0},
                                {signals_.number(), POLLIN, 0},
                                {main_.output.number(), POLLIN, 0},
                                {main_.failure.number(), POLLIN, 0}}};
  if (::poll(events.data(), events.size(), patience()) <= 0) return;
  if (events[3].revents) hear_start();
  if (events[0].revents) hear_orders();
  if (events[1].revents) empty(signals_.number());
  if (events[2].revents && copy_output() == Copied::all) main_.output.reset();
}

// Milliseconds; negative is for ever.
int Keeper::patience() const {
  if (phase_ == Phase::running && !main_gone_) return -1;
  if (phase_ == Phase::killing || main_gone_) return static_cast<int>(look_again_every.count());
  const auto left = std::chrono::ceil<milliseconds>(kill_at_ - clock_.steady()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void Keeper::hear_start() {
  if (!main_.failure) return;
  StartFailure failure;
  const bool failed = ::read(main_.failure.number(), &failure, sizeof failure) == sizeof failure;
  main_.failure.reset();
  if (failed) {
    report({Report::Kind::not_started, static_cast<int>(failure.step), failure.error});
    main_gone_ = true;
  } else {
    report({Report::Kind::started, main_.pid});
  }
}

void Keeper::hear_orders() {
  Order order;
  tidewheel_gone_ = ::read(control_fd, &order, sizeof order) != sizeof order;
  if (tidewheel_gone_) phase_ = Phase::killing;
  if (phase_ == Phase::killing) return;
  const Instant deadline = clock_.steady() + milliseconds(order.grace_ms);
  kill_at_ = phase_ == Phase::stopping ? std::min(kill_at_, deadline) : deadline;
  phase_ = order.grace_ms == 0 ? Phase::killing : Phase::stopping;
}

Keeper::Copied Keeper::copy_output() {
  const ssize_t size = ::read(main_.output.number(), buffer_.data(), buffer_.size());
  if (size <= 0) return size == 0 ? Copied::all : Copied::nothing_now;
  log_.append({buffer_.data(), static_cast<std::size_t>(size)});
  if (log_.dropped() > 0 && !std::exchange(loss_reported_, true)) {
    report({Report::Kind::output_lost, log_.last_error()});
  }
  return Copied::some;
}

void Keeper::reap() {
  int status = 0;
  pid_t pid = 0;
  while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0) {
    asked_orphans_.erase(pid);
    if (pid != main_.pid) continue;
    hear_start();  // one that started and ended at once has started
    if (!std::exchange(main_gone_, true)) report({Report::Kind::exited, status});
  }
  none_left_ = pid < 0 && errno == ECHILD;
}

// Kills only its own children, again and again: those of a killed one become its own, and only it
// can reap them, so their pids cannot mean anybody else.
void Keeper::end_processes() {
  if (phase_ == Phase::running && main_gone_) phase_ = Phase::killing;
  if (phase_ == Phase::stopping) ask_to_end();
  if (phase_ != Phase::killing) return;
  for (const pid_t pid : children()) ::kill(pid, SIGKILL);
}

void Keeper::ask_to_end() {
  if (clock_.steady() >= kill_at_) {
    phase_ = Phase::killing;
  } else if (main_.failure) {
    // Not the pod's command yet: the signal would be lost on it. Its start is heard of at once.
  } else if (main_gone_) {
    ask_orphans_to_end();
  } else if (!std::exchange(asked_group_, true)) {
    ::kill(-main_.pid, SIGTERM);
  }
}

void Keeper::ask_orphans_to_end() {
  for (const pid_t pid : children()) {
    if (asked_group_ && ::getpgid(pid) == main_.pid) continue;
    if (asked_orphans_.insert(pid).second) ::kill(pid, SIGTERM);
  }
}

void Keeper::finish() {
  std::size_t left = last_output_bytes_max / buffer_.size();
  while (main_.output && left-- > 0 && copy_output() == Copied::some) {
  }
  const auto lost_kib = std::min<std::uint64_t>((log_.dropped() + 1023) >> 10, 1u << 30);
  report({Report::Kind::ended, static_cast<int>(lost_kib)});
}

void set_up_process() {
  ::prctl(PR_SET_NAME, "pod-keeper", 0, 0, 0);
  become_reaper();
  // Neither a terminal nor a broken pipe ends a keeper; only its work does.
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM,
                           SIGTSTP, SIGTTIN, SIGTTOU}) {
    std::signal(signal, SIG_IGN);
  }
  for (const int fd : {control_fd, status_fd, spec_fd}) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

Result<Spec> read_spec() {
  const Fd file(spec_fd);
  std::string bytes(spec_bytes_max + 1, '\0');
  const ssize_t size = ::pread(file.number(), bytes.data(), bytes.size(), 0);
  if (size < 0) return fail(Code::bad_data, "no spec");
  return decode(std::string_view(bytes).substr(0, static_cast<std::size_t>(size)));
}

}  // namespace

bool is_keeper(int argc, const char* const* argv) {
  return argc == 2 && argv[1] == keeper_argument;
}

int keeper_main(int, const char* const*) {
  if (::fcntl(control_fd, F_GETFD) < 0 || ::fcntl(status_fd, F_GETFD) < 0)
    return 2;  // not started by Runner
  Fd signals = child_signals();
  set_up_process();
  auto spec = read_spec();
  if (spec) {
    Keeper(std::move(*spec), std::move(signals)).run();
  } else {
    report({Report::Kind::not_started, static_cast<int>(Step::spec), EINVAL});
    report({Report::Kind::ended});
  }
  return 0;
}

}  // namespace cluster::process
