#pragma once

// Starting a keeper, from inside Tidewheel.

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "cluster/process/fd.h"
#include "cluster/process/protocol.h"

namespace cluster::process {

// Tidewheel's ends of a keeper. Closing `control` ends the run.
struct Keeper {
  pid_t pid = 0;
  Fd control;
  Fd status;
};

// `executable` is this program, or one whose main() asks is_keeper(). The keeper gets the three
// descriptors of protocol.h and no other, so that no pipe of Tidewheel's is held open by anybody
// else. Errors: unavailable; exhausted (spec too large).
Result<Keeper> spawn_keeper(const std::string& executable, const Spec& spec);

}  // namespace cluster::process
