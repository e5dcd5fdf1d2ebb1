#pragma once

// One process per folder.

#include <filesystem>
#include <utility>

#include "base/result.h"

namespace storage {

// Holds a folder for this process; the kernel lets go when the process ends, however it ends.
// Confined to its owner.
class FolderLock {
 public:
  // Errors: denied (the folder cannot be written), unavailable (another process holds it), with the
  // path.
  static Result<FolderLock> take(const std::filesystem::path& folder);

  FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace storage
