#pragma once

// The direct children of this process, adopted orphans included.

#include <sys/types.h>

#include <vector>

namespace cluster::process {

// Adopt the orphans among our descendants, instead of process 1.
void become_reaper();

// Pids of the living and of the dead not yet waited for. They stay valid until the caller waits for
// them, so signalling them cannot hit a stranger. The kernel may leave one out while others exit:
// ask again until waitpid() says "none".
std::vector<pid_t> children();

}  // namespace cluster::process
