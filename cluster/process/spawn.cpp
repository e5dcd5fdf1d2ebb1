#include "cluster/process/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace cluster::process {
namespace {

// The keeper's descriptors are put in place one by one; from up here none is overwritten before its
// turn.
constexpr int above_keepers_fds = 16;

std::unexpected<Error> failed(std::string_view what, int error) {
  return fail(Code::unavailable, std::string(what) + ": " + std::generic_category().message(error));
}

Result<Fd> out_of_the_way(int number) {
  const Fd low(number);
  Fd high(::fcntl(number, F_DUPFD_CLOEXEC, above_keepers_fds));
  if (!high) return failed("cannot open a descriptor", errno);
  return high;
}

struct Pipe {
  Fd read;
  Fd write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return failed("cannot make a pipe", errno);
  Fd write(ends[1]);
  TRY(Fd read, out_of_the_way(ends[0]));
  TRY(write, out_of_the_way(write.release()));
  return Pipe{std::move(read), std::move(write)};
}

Result<Fd> memory_file(std::string_view bytes) {
  if (bytes.size() > spec_bytes_max)
    return fail(Code::exhausted, "command and environment are too large");
  const int number = ::memfd_create("pod", MFD_CLOEXEC);
  if (number < 0) return failed("cannot make a memory file", errno);
  TRY(Fd file, out_of_the_way(number));
  const ssize_t written = ::write(file.number(), bytes.data(), bytes.size());
  if (written != static_cast<ssize_t>(bytes.size()))
    return failed("cannot fill a memory file", errno);
  return file;
}

struct Actions {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;

  Actions() {
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawnattr_init(&attributes);
  }
  ~Actions() {
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
  }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
};

void place_files(posix_spawn_file_actions_t& files, const Fd& control, const Fd& status,
                 const Fd& spec) {
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    ::posix_spawn_file_actions_addopen(&files, standard, "/dev/null", O_RDWR, 0);
  }
  ::posix_spawn_file_actions_adddup2(&files, control.number(), control_fd);
  ::posix_spawn_file_actions_adddup2(&files, status.number(), status_fd);
  ::posix_spawn_file_actions_adddup2(&files, spec.number(), spec_fd);
  ::posix_spawn_file_actions_addclosefrom_np(&files, spec_fd + 1);
}

// A session of its own: what a terminal sends to Tidewheel's process group does not reach the
// keeper.
void set_attributes(posix_spawnattr_t& attributes) {
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

}  // namespace

Result<Keeper> spawn_keeper(const std::string& executable, const Spec& spec) {
  TRY(const Fd memory, memory_file(encode(spec)));
  TRY(Pipe control, make_pipe());
  TRY(Pipe status, make_pipe());
  ::fcntl(control.write.number(), F_SETFL, O_NONBLOCK);

  Actions actions;
  place_files(actions.files, control.read, status.write, memory);
  set_attributes(actions.attributes);
  std::string shown = "pod " + spec.name;
  std::string argument(keeper_argument);
  char* arguments[] = {shown.data(), argument.data(), nullptr};
  // Nothing of Tidewheel's environment: it may hold secrets, and the pod has its own.
  char* environment[] = {nullptr};
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, executable.c_str(), &actions.files, &actions.attributes,
                                  arguments, environment);
  if (error != 0) return failed("cannot start a keeper", error);
  return Keeper{pid, std::move(control.write), std::move(status.read)};
}

}  // namespace cluster::process
