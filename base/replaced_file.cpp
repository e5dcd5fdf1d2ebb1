#include "base/replaced_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace base {
namespace {

constexpr int owner_only = 0600;

std::unexpected<Error> failed(const std::filesystem::path& path) {
  const int error = errno;
  const Code code =
      error == ENOSPC || error == EDQUOT || error == EFBIG ? Code::exhausted : Code::denied;
  return fail(code, fmt::format("{}: {}", path.string(), std::strerror(error)));
}

// So that the new name survives a power loss; what cannot be synced is not worse than before.
void sync_folder(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

Result<ReplacedFile> ReplacedFile::create(std::filesystem::path path) {
  auto fresh = path;
  fresh += ".new";
  const int descriptor =
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, owner_only);
  if (descriptor < 0) return failed(fresh);
  return ReplacedFile(std::move(path), std::move(fresh), descriptor);
}

ReplacedFile::ReplacedFile(ReplacedFile&& other) noexcept
    : path_(std::move(other.path_)),
      fresh_(std::exchange(other.fresh_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

ReplacedFile::~ReplacedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!fresh_.empty()) ::unlink(fresh_.c_str());
}

Result<void> ReplacedFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ::ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed(fresh_);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> ReplacedFile::commit() {
  if (::fsync(descriptor_) != 0) return failed(fresh_);
  if (::rename(fresh_.c_str(), path_.c_str()) != 0) return failed(path_);
  fresh_.clear();
  sync_folder(path_);
  return {};
}

}  // namespace base
