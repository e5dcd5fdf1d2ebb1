#pragma once

// A file that takes another's place only when it is complete.

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

// Written beside the file that it will replace, as `path`.new, readable by its owner only. What was
// not committed goes again, and `path` stays as it was. Blocking. Errors: denied or exhausted, with
// the system's words.
class ReplacedFile {
 public:
  static Result<ReplacedFile> create(std::filesystem::path path);
  ~ReplacedFile();
  ReplacedFile(ReplacedFile&& other) noexcept;
  ReplacedFile& operator=(ReplacedFile&&) = delete;

  Result<void> write(std::string_view bytes);
  // On disk, then in the place of `path`.
  Result<void> commit();

 private:
  ReplacedFile(std::filesystem::path path, std::filesystem::path fresh, int descriptor)
      : path_(std::move(path)), fresh_(std::move(fresh)), descriptor_(descriptor) {}

  std::filesystem::path path_;
  std::filesystem::path fresh_;  // empty: it has moved, or was committed
  int descriptor_;
};

}  // namespace base
