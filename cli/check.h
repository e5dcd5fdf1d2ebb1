#pragma once

// Every static rule over a set of manifests. Blocking, because it reads them.

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "cli/findings.h"

namespace cli {

struct Checked {
  std::vector<Finding> findings;  // by file, line and field
  std::size_t files = 0;
  std::size_t objects = 0;  // valid ones of kinds that are looked at
  std::size_t skipped = 0;  // of other kinds

  std::size_t count(Severity severity) const;
};

Checked check_files(std::span<const std::filesystem::path> paths,
                    std::span<const std::string> own_scaler_addresses);

// "file:line: field: message" for each, warnings with "warning: " before the message, then one line
// that counts.
std::string check_text(const Checked& checked);
// {problems: [{file, line, field, severity, message}], errors, warnings, files, objects, skipped};
// line 0 and an empty field: the file as a whole. Ended by a newline.
std::string check_json(const Checked& checked);

}  // namespace cli
