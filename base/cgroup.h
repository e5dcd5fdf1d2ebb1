#pragma once

// What the process may use of the machine.

#include <cstdint>
#include <filesystem>
#include <optional>

namespace base {

// The least memory limit, in bytes, of the process's cgroup and of those above it, versions 1 and
// 2; nullopt where none is set or nothing can be read. `root` is where /proc and /sys lie. Source:
// cgroups(7), Documentation/admin-guide/cgroup-v2.rst of Linux.
std::optional<std::uint64_t> cgroup_memory_bytes(const std::filesystem::path& root = "/");

// The least of that, of the process's own limits (RLIMIT_AS, RLIMIT_DATA) and of the machine's
// memory.
std::uint64_t memory_limit_bytes();

}  // namespace base
