#pragma once

// The manifests of a standalone run: read, checked as a whole, applied, and read again when a file
// changes.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/task.h"
#include "cluster/loader.h"
#include "kube/client.h"
#include "kube/manifest.h"

namespace cli {

// Confined to the control loop.
class Manifests {
 public:
  Manifests(std::vector<std::string> paths, std::vector<std::string> own_scaler_addresses);

  // Reads every file. Returns every problem as "file:line: field: message"; empty: apply() may
  // follow. Blocking.
  std::vector<std::string> read();

  // Applies what was read last; problems as above, and then nothing has changed.
  Task<std::vector<std::string>> apply(kube::Client& client, Log log);

  // Whether a file appeared, vanished or was written since the last read().
  bool changed() const;

 private:
  using Times = std::map<std::filesystem::path, std::filesystem::file_time_type>;

  Times times() const;
  std::vector<kube::ManifestProblem> check_triggers() const;

  std::vector<std::filesystem::path> paths_;
  std::vector<std::string> own_scaler_addresses_;
  kube::Manifests manifests_;
  Times seen_;
};

}  // namespace cli
