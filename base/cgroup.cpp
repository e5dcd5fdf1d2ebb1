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

// Whether a list such as "cpu,cpuacct" names it.
bool names(std::string_view controllers, std::string_view controller) {
  while (!controllers.empty()) {
    const auto end = std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, end) == controller) return true;
    controllers.remove_prefix(std::min(end + 1, controllers.size()));
  }
  return false;
}

struct Membership {
  int version;
  std::string_view cgroup;
};

// One line of /proc/self/cgroup: "number:controllers:path"; version 2 names no controllers.
std::optional<Membership> membership_in(std::string_view line, std::string_view controller) {
  const auto first = line.find(':');
  const auto second = line.find(':', first + 1);
  if (first == line.npos || second == line.npos) return std::nullopt;
  const auto controllers = line.substr(first + 1, second - first - 1);
  const auto cgroup = line.substr(second + 1);
  if (!cgroup.starts_with('/')) return std::nullopt;
  if (controllers.empty()) return Membership{2, cgroup};
  if (names(controllers, controller)) return Membership{1, cgroup};
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

std::vector<CgroupFolder> cgroup_folders(const std::filesystem::path& root,
                                         std::string_view controller) {
  const auto mount = root / "sys/fs/cgroup";
  const auto mount_of = [&](int version) { return version == 2 ? mount : mount / controller; };
  std::vector<CgroupFolder> folders{{mount_of(2), 2}, {mount_of(1), 1}};
  const auto text = read_file(root / "proc/self/cgroup", file_bytes_max);
  if (!text) return folders;
  for (std::string_view rest = *text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    if (const auto in = membership_in(rest.substr(0, end), controller)) {
      for (std::string_view cgroup = in->cgroup; cgroup.size() > 1;
           cgroup = cgroup.substr(0, cgroup.rfind('/')))
        folders.push_back({mount_of(in->version) / cgroup.substr(1), in->version});
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return folders;
}

std::optional<std::uint64_t> cgroup_memory_bytes(const std::filesystem::path& root) {
  std::optional<std::uint64_t> least;
  for (const auto& [folder, version] : cgroup_folders(root, "memory")) {
    const auto limit = read_limit(folder / (version == 2 ? "memory.max" : "memory.limit_in_bytes"));
    if (limit) least = std::min(least.value_or(*limit), *limit);
  }
  return least;
}

std::uint64_t memory_limit_bytes() {
  return std::min({cgroup_memory_bytes().value_or(machine_bytes()), machine_bytes(),
                   own_limit(RLIMIT_AS), own_limit(RLIMIT_DATA)});
}

}  // namespace base
