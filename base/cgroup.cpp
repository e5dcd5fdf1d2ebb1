#include "base/cgroup.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "base/file.h"

namespace base {
namespace {

constexpr std::size_t file_bytes_max = 64u << 10;
// Version 1 writes the largest multiple of a page for "no limit"; nothing near it is one.
constexpr std::uint64_t unlimited_bytes = std::uint64_t{1} << 62;

// Where a cgroup's limit lies: the folder of the hierarchy, the cgroup in it, the file.
struct Hierarchy {
  std::string_view mount;
  std::string_view cgroup;
  std::string_view file;
};

// One line of /proc/self/cgroup: "number:controllers:path"; version 2 names no controllers.
std::optional<Hierarchy> hierarchy_of(std::string_view line) {
  const auto first = line.find(':');
  const auto second = line.find(':', first + 1);
  if (first == line.npos || second == line.npos) return std::nullopt;
  const auto controllers = line.substr(first + 1, second - first - 1);
  const auto cgroup = line.substr(second + 1);
  if (controllers.empty()) return Hierarchy{"sys/fs/cgroup", cgroup, "memory.max"};
  if (controllers == "memory")
    return Hierarchy{"sys/fs/cgroup/memory", cgroup, "memory.limit_in_bytes"};
  return std::nullopt;
}

std::optional<std::uint64_t> read_limit(const std::filesystem::path& file) {
  const auto text = read_file(file, file_bytes_max);
  if (!text) return std::nullopt;
  std::uint64_t bytes = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), bytes);
  if (read.ec != std::errc{} || bytes == 0 || bytes >= unlimited_bytes) return std::nullopt;
  return bytes;
}

std::optional<std::uint64_t> least(std::optional<std::uint64_t> a, std::optional<std::uint64_t> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

// Of the cgroup and of all above it, as far as they can be seen: in a container its own is the
// root of the mount, whatever path it has outside.
std::optional<std::uint64_t> limit_of(const std::filesystem::path& root, const Hierarchy& in) {
  const std::filesystem::path mount = root / in.mount;
  auto limit = read_limit(mount / in.file);
  std::string_view cgroup = in.cgroup;
  while (cgroup.size() > 1) {
    limit = least(limit, read_limit(mount / cgroup.substr(1) / in.file));
    cgroup = cgroup.substr(0, cgroup.rfind('/'));
  }
  return limit;
}

std::uint64_t own_limit(int resource) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) return RLIM_INFINITY;
  return limit.rlim_cur;
}

std::uint64_t machine_bytes() {
  return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
         static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

std::optional<std::uint64_t> cgroup_memory_bytes(const std::filesystem::path& root) {
  const auto text = read_file(root / "proc/self/cgroup", file_bytes_max);
  if (!text) return std::nullopt;
  std::optional<std::uint64_t> limit;
  for (std::string_view rest = *text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    if (const auto hierarchy = hierarchy_of(rest.substr(0, end)))
      limit = least(limit, limit_of(root, *hierarchy));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return limit;
}

std::uint64_t memory_limit_bytes() {
  return std::min({cgroup_memory_bytes().value_or(machine_bytes()), machine_bytes(),
                   own_limit(RLIMIT_AS), own_limit(RLIMIT_DATA)});
}

}  // namespace base
