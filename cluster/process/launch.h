#pragma once

// Starting a pod's main process, from inside its keeper.

#include <sys/types.h>

#include <expected>

#include "cluster/process/fd.h"
#include "cluster/process/protocol.h"

namespace cluster::process {

struct StartFailure {
  Step step{};
  int error = 0;  // errno
};

// The main process as it comes to life: leader of a new session, its output in a pipe, killed when
// the keeper dies.
struct Launched {
  pid_t pid = 0;
  Fd output;   // read end; non-blocking
  Fd failure;  // read end; a StartFailure, or end of file once the command runs
};

// Never waits for the command to start: the answer comes through `failure`. Errors: none but a
// StartFailure of Step::fork.
std::expected<Launched, StartFailure> launch(const Spec& spec);

}  // namespace cluster::process
