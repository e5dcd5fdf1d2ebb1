#include "cluster/process/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace cluster::process {

void LogFile::append(std::string_view bytes) {
  if (open() && size_ > 0 && size_ + bytes.size() > bytes_max_) rotate();
  while (!bytes.empty() && open()) {
    const ssize_t written = ::write(file_.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      last_error_ = errno;
      break;
    }
    size_ += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  dropped_ += bytes.size();
}

bool LogFile::open() {
  if (file_) return true;
  file_.reset(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640));
  struct stat about{};
  if (!file_ || ::fstat(file_.number(), &about) != 0) {
    last_error_ = errno;
    file_.reset();
    return false;
  }
  size_ = static_cast<std::uint64_t>(about.st_size);
  return true;
}

void LogFile::rotate() {
  file_.reset();
  size_ = 0;
  if (std::rename(path_.c_str(), (path_ + ".1").c_str()) != 0) last_error_ = errno;
}

}  // namespace cluster::process
