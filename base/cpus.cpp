#include "base/cpus.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "base/file.h"

namespace base {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t file_bytes_max = 64u << 10;

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::optional<double> quotient(std::string_view quota, std::string_view period) {
  const auto above = parse_number(quota);
  const auto below = parse_number(period);
  if (!above || !below || *above <= 0 || *below <= 0) return std::nullopt;
  return *above / *below;
}

// Where the process is in the v2 hierarchy: the "0::/path" line of /proc/self/cgroup.
fs::path own_group(const fs::path& root) {
  const auto text = read_file(root / "proc/self/cgroup", file_bytes_max);
  if (!text) return "/";
  const auto at = ("\n" + *text).find("\n0::/");
  if (at == std::string::npos) return "/";
  std::string_view path = std::string_view(*text).substr(at + 3);
  return std::string(path.substr(0, path.find('\n')));
}

std::optional<double> quota_of(const fs::path& folder) {
  const auto text = read_file(folder / "cpu.max", file_bytes_max);
  return text ? parse_cpu_max(*text) : std::nullopt;
}

std::optional<double> first_version_quota(const fs::path& root) {
  const auto quota = read_file(root / "sys/fs/cgroup/cpu/cpu.cfs_quota_us", file_bytes_max);
  const auto period = read_file(root / "sys/fs/cgroup/cpu/cpu.cfs_period_us", file_bytes_max);
  if (!quota || !period) return std::nullopt;
  return quotient(trimmed(*quota), trimmed(*period));
}

}  // namespace

std::optional<double> parse_cpu_max(std::string_view text) {
  text = trimmed(text);
  const auto blank = text.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  return quotient(text.substr(0, blank), text.substr(blank + 1));
}

std::optional<double> cpu_quota(const fs::path& root) {
  const fs::path groups = root / "sys/fs/cgroup";
  std::optional<double> least = first_version_quota(root);
  for (fs::path group = own_group(root).relative_path();; group = group.parent_path()) {
    const auto quota = quota_of(groups / group);
    if (quota) least = std::min(least.value_or(*quota), *quota);
    if (group.empty()) return least;
  }
}

std::size_t usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::size_t cpus = 1;
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    cpus = static_cast<std::size_t>(std::max(CPU_COUNT(&set), 1));
  const auto quota = cpu_quota("/");
  if (!quota || *quota >= static_cast<double>(cpus)) return cpus;
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(*quota)));
}

}  // namespace base
