#pragma once

// The folder of the pods' log files, which stays small when pods come and go.

#include <cstddef>
#include <deque>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "kube/workload.h"

namespace cluster::process {

// Confined to its owner, the only one to put files there.
class LogFolder {
 public:
  // Makes the folder where it is missing; the files in it are those of removed pods. kept_max: so
  // many removed pods keep theirs. Errors: denied, with the path.
  static Result<LogFolder> open(std::filesystem::path folder, std::size_t kept_max);

  // FOLDER/<namespace>_<pod>_<container>.log
  std::string file_of(const kube::Pod& pod) const;

  // The pod is removed: its file goes once `kept_max` younger ones are there.
  void retire(std::string file);

 private:
  LogFolder(std::filesystem::path folder, std::size_t kept_max)
      : folder_(std::move(folder)), kept_max_(kept_max) {}

  std::filesystem::path folder_;
  std::size_t kept_max_;
  std::deque<std::string> retired_;  // oldest first
};

}  // namespace cluster::process
