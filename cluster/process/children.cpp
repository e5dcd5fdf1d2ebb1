#include "cluster/process/children.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace cluster::process {
namespace {

namespace fs = std::filesystem;

// /proc/PID/stat: "PID (name, which may hold anything) STATE PPID ...".
std::optional<pid_t> parent_of(const fs::path& process) {
  std::ifstream file(process / "stat");
  std::string line;
  std::getline(file, line);
  const auto name_end = line.rfind(") ");
  if (name_end == std::string::npos || line.size() < name_end + 5) return std::nullopt;
  const char* number = line.data() + name_end + 4;
  pid_t parent = 0;
  const auto parsed = std::from_chars(number, line.data() + line.size(), parent);
  return parsed.ec == std::errc{} ? std::optional(parent) : std::nullopt;
}

// For kernels built without the `children` files.
std::vector<pid_t> children_by_search() {
  std::vector<pid_t> found;
  const pid_t self = ::getpid();
  std::error_code error;
  for (fs::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename();
    pid_t pid = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ec == std::errc{} && parent_of(it->path()) == self) found.push_back(pid);
  }
  return found;
}

}  // namespace

void become_reaper() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

std::vector<pid_t> children() {
  std::vector<pid_t> found;
  std::error_code error;
  for (fs::directory_iterator it("/proc/self/task", error), end; !error && it != end;
       it.increment(error)) {
    std::ifstream file(it->path() / "children");
    if (!file) return children_by_search();
    for (pid_t pid = 0; file >> pid;) found.push_back(pid);
  }
  return error ? children_by_search() : found;
}

}  // namespace cluster::process
