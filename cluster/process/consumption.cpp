#include "cluster/process/consumption.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace cluster::process {
namespace {

namespace fs = std::filesystem;

// Positions in /proc/PID/stat after "PID (name, which may hold anything) ", see proc(5).
constexpr std::size_t parent_at = 1;
constexpr std::size_t user_at = 11;  // then: system, user of children waited for, system of those
constexpr std::size_t resident_at = 21;
constexpr std::size_t fields_needed = resident_at + 1;

constexpr int depth_max =
    1'000;  // of a chain of parents, which a changing tree could bend to a ring

struct Process {
  pid_t parent = 0;
  std::int64_t own_ticks = 0;
  std::int64_t waited_ticks = 0;
  std::int64_t resident_pages = 0;
};

// Numbers between spaces; what is no number reads as 0 (the state's letter).
std::optional<std::array<std::int64_t, fields_needed>> fields_of(std::string_view text) {
  std::array<std::int64_t, fields_needed> fields{};
  std::size_t count = 0;
  while (!text.empty() && count < fields.size()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    (void)std::from_chars(word.data(), word.data() + word.size(), fields[count++]);
    text.remove_prefix(space == text.npos ? text.size() : space + 1);
  }
  return count == fields.size() ? std::optional(fields) : std::nullopt;
}

std::optional<Process> read_process(const fs::path& folder) {
  std::ifstream file(folder / "stat");
  std::string line;
  std::getline(file, line);
  const auto name_end = line.rfind(") ");
  if (name_end == std::string::npos) return std::nullopt;
  const auto fields = fields_of(std::string_view(line).substr(name_end + 2));
  if (!fields) return std::nullopt;
  const auto& f = *fields;
  return Process{.parent = static_cast<pid_t>(f[parent_at]),
                 .own_ticks = f[user_at] + f[user_at + 1],
                 .waited_ticks = f[user_at + 2] + f[user_at + 3],
                 .resident_pages = f[resident_at]};
}

std::map<pid_t, Process> all_processes() {
  std::map<pid_t, Process> all;
  std::error_code error;
  for (fs::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename();
    pid_t pid = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ec != std::errc{}) continue;
    if (const auto process = read_process(it->path())) all.emplace(pid, *process);
  }
  return all;
}

// The root that `pid` is below, or none.
std::optional<pid_t> root_of(pid_t pid, const std::map<pid_t, Process>& all,
                             const std::set<pid_t>& roots) {
  for (int depth = 0; depth < depth_max; ++depth) {
    const auto process = all.find(pid);
    if (process == all.end()) return std::nullopt;
    pid = process->second.parent;
    if (roots.contains(pid)) return pid;
  }
  return std::nullopt;
}

Duration from_ticks(std::int64_t ticks) {
  static const std::int64_t per_second = std::max(1L, ::sysconf(_SC_CLK_TCK));
  return Duration(std::chrono::seconds(1)) / per_second * ticks;
}

std::uint64_t from_pages(std::int64_t pages) {
  static const long bytes = ::sysconf(_SC_PAGESIZE);
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, pages) * bytes);
}

}  // namespace

std::map<pid_t, Consumption> consumption_below(const std::set<pid_t>& roots) {
  const auto all = all_processes();
  std::map<pid_t, Consumption> below;
  for (const auto& [pid, process] : all) {
    if (roots.contains(pid)) below[pid].cpu += from_ticks(process.waited_ticks);
    const auto root = root_of(pid, all, roots);
    if (!root) continue;
    Consumption& sum = below[*root];
    sum.cpu += from_ticks(process.own_ticks + process.waited_ticks);
    sum.resident_bytes += from_pages(process.resident_pages);
  }
  return below;
}

}  // namespace cluster::process
