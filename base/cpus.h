#pragma once

// How many processors this process may use.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>

namespace base {

// A cgroup's quota in processors, from the text of its cpu.max ("200000 100000" is 2); nullopt:
// there is none, or the text is something else. Source: Linux' cgroup v2 documentation.
std::optional<double> parse_cpu_max(std::string_view text);

// The smallest quota of the process' cgroup and those above it, from the files of a system below
// `root`; nullopt: there is none. Knows cgroup v1 and v2.
std::optional<double> cpu_quota(const std::filesystem::path& root);

// The processors that the scheduler may give it, within its cgroup's quota, rounded up; at least 1.
std::size_t usable_cpus();

}  // namespace base
