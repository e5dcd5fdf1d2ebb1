#include "base/cpus.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/cgroup.h"
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

std::optional<double> quota_of(const CgroupFolder& in) {
  if (in.version == 2) {
    const auto text = read_file(in.path / "cpu.max", file_bytes_max);
    return text ? parse_cpu_max(*text) : std::nullopt;
  }
  const auto quota = read_file(in.path / "cpu.cfs_quota_us", file_bytes_max);
  const auto period = read_file(in.path / "cpu.cfs_period_us", file_bytes_max);
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
  std::optional<double> least;
  for (const auto& folder : cgroup_folders(root, "cpu")) {
    const auto quota = quota_of(folder);
    if (quota) least = std::min(least.value_or(*quota), *quota);
  }
  return least;
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
