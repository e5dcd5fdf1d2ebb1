#include "cluster/process/log_folder.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace cluster::process {
namespace {

namespace fs = std::filesystem;

// The log files in `folder`, oldest first. Those that rolled over (.log.1) go with their successor.
std::vector<std::string> logs_in(const fs::path& folder) {
  std::vector<std::pair<fs::file_time_type, std::string>> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code unreadable;
    const auto written = it->last_write_time(unreadable);
    if (it->path().extension() == ".log") found.emplace_back(written, it->path());
  }
  std::ranges::sort(found);
  std::vector<std::string> files;
  for (auto& [written, file] : found) files.push_back(std::move(file));
  return files;
}

}  // namespace

Result<LogFolder> LogFolder::open(fs::path folder, std::size_t kept_max) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return fail(Code::denied, "cannot make the folder " + folder.string() + ": " + error.message());
  LogFolder out(folder, kept_max);
  for (auto& file : logs_in(folder)) out.retire(std::move(file));
  return out;
}

std::string LogFolder::file_of(const kube::Pod& pod) const {
  return folder_ /
         (pod.meta.ns + "_" + pod.meta.name + "_" + pod.spec.containers.front().name + ".log");
}

void LogFolder::retire(std::string file) {
  retired_.push_back(std::move(file));
  while (retired_.size() > kept_max_) {
    std::error_code ignored;  // a file that cannot be removed is tried again after a restart
    fs::remove(retired_.front(), ignored);
    fs::remove(retired_.front() + ".1", ignored);
    retired_.pop_front();
  }
}

}  // namespace cluster::process
