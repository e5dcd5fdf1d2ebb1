#include "cluster/process/launch.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <optional>

namespace cluster::process {
namespace {

struct Pipe {
  Fd read;
  Fd write;
};

std::optional<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

// exec keeps ignored signals and the mask, and the keeper's are not the pod's.
void default_signals() {
  for (int signal = 1; signal < NSIG; ++signal) std::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const auto& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

[[noreturn]] void give_up(int failure_fd, Step step, int error) {
  const StartFailure failure{step, error};
  [[maybe_unused]] const auto written = ::write(failure_fd, &failure, sizeof failure);
  ::_exit(127);
}

// Runs in the child.
[[noreturn]] void become(const Spec& spec, pid_t keeper, int output, int failure) {
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::getppid() != keeper) ::_exit(127);  // it died before the line above
  default_signals();
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
  if (!spec.working_dir.empty() && ::chdir(spec.working_dir.c_str()) != 0) {
    give_up(failure, Step::working_dir, errno);
  }
  auto arguments = pointers(spec.command);
  auto variables = pointers(spec.env);
  environ = variables.data();
  ::execvp(arguments[0], arguments.data());
  give_up(failure, Step::exec, errno);
}

}  // namespace

std::expected<Launched, StartFailure> launch(const Spec& spec) {
  auto output = make_pipe();
  auto failure = make_pipe();
  if (!output || !failure) return std::unexpected(StartFailure{Step::fork, errno});
  ::fcntl(output->read.number(), F_SETFL, O_NONBLOCK);
  const pid_t keeper = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return std::unexpected(StartFailure{Step::fork, errno});
  if (pid == 0) become(spec, keeper, output->write.number(), failure->write.number());
  return Launched{pid, std::move(output->read), std::move(failure->read)};
}

}  // namespace cluster::process
