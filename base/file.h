#pragma once

// Whole files as text.

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace base {

// The bytes of a file. Blocking. Errors: not_found; denied, also for what is no file; exhausted
// when it is larger than `bytes_max`.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max);

}  // namespace base
