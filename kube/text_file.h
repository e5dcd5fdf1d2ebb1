#pragma once

// Reading small text files.

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace kube {

// At most one byte more than `bytes_max`, which is enough to see that it is passed. Errors: denied.
Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t bytes_max);

}  // namespace kube
