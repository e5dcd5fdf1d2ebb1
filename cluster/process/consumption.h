#pragma once

// What trees of processes have used, from /proc.

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <set>

#include "base/time.h"

namespace cluster::process {

struct Consumption {
  Duration cpu{};                    // of all that ever ran there and was waited for, or still runs
  std::uint64_t resident_bytes = 0;  // of all that run; pages they share count for each
  bool operator==(const Consumption&) const = default;
};

// What the processes below each of `roots` (keepers) use, without the root's own work, in one look
// at all processes. A root that is gone is left out. A tree that changes during the look may be
// counted a little short.
std::map<pid_t, Consumption> consumption_below(const std::set<pid_t>& roots);

}  // namespace cluster::process
