#pragma once

// A pod's output on disk: appended to, and never larger than twice its limit.

#include <cstdint>
#include <string>
#include <string_view>

#include "cluster/process/fd.h"

namespace cluster::process {

// When `bytes_max` is reached the file becomes PATH.1, replacing the one before, and a new file
// begins. Confined to its owner.
class LogFile {
 public:
  LogFile(std::string path, std::uint64_t bytes_max)
      : path_(std::move(path)), bytes_max_(bytes_max) {}

  // What cannot be written is dropped and counted: a full disk must not stop the pod.
  void append(std::string_view bytes);

  std::uint64_t dropped() const { return dropped_; }
  int last_error() const { return last_error_; }  // errno; 0: none so far

 private:
  bool open();
  void rotate();

  std::string path_;
  std::uint64_t bytes_max_;
  Fd file_;
  std::uint64_t size_ = 0;
  std::uint64_t dropped_ = 0;
  int last_error_ = 0;
};

}  // namespace cluster::process
