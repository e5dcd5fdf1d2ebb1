#pragma once

// What the process may use of the machine.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace base {

// A folder whose files may limit what the process gets of a controller.
struct CgroupFolder {
  std::filesystem::path path;
  int version;  // 1 or 2: what the files are called
};

// Those of the process's cgroup and of all above it, in no order, for "memory" or "cpu"; the mounts
// themselves are always among them, since in a container its own cgroup is what it sees there,
// whatever path it has outside. Not all of them exist. `root` is where /proc and /sys lie.
std::vector<CgroupFolder> cgroup_folders(const std::filesystem::path& root,
                                         std::string_view controller);

// The least memory limit, in bytes, of the process's cgroup and of those above it, versions 1 and
// 2; nullopt where none is set or nothing can be read. Source: cgroups(7),
// Documentation/admin-guide/cgroup-v2.rst of Linux.
std::optional<std::uint64_t> cgroup_memory_bytes(const std::filesystem::path& root = "/");

// The least of that, of the process's own limits (RLIMIT_AS, RLIMIT_DATA) and of the machine's
// memory.
std::uint64_t memory_limit_bytes();

}  // namespace base
