#pragma once

// What Tidewheel and a pod's keeper say to each other.
//
//   spec     a memory file the keeper inherits: what to run
//   control  a pipe to the keeper: orders; its end of file means that Tidewheel is gone
//   status   a pipe from the keeper: reports; its end of file means that the keeper is gone
//
// Both ends are the same program, so messages are plain structs in native byte order.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cluster::process {

// The hidden first argument that makes this program a keeper.
inline constexpr std::string_view keeper_argument = "pod-keeper";

// Descriptors a keeper is born with, besides 0, 1 and 2 on /dev/null.
inline constexpr int control_fd = 3;
inline constexpr int status_fd = 4;
inline constexpr int spec_fd = 5;

// One run of one pod.
struct Spec {
  std::string name;  // shown by ps: "pod web-abc12"
  std::vector<std::string>
      command;                   // not empty; a name without '/' is looked up in the PATH of `env`
  std::vector<std::string> env;  // "NAME=value"; the whole environment
  std::string working_dir;       // empty: Tidewheel's own
  std::string log_file;          // standard output and error are appended to it
  std::uint64_t log_bytes_max = 10u << 20;  // a fuller file becomes LOG.1, replacing the one before

  bool operator==(const Spec&) const = default;
};

inline constexpr std::size_t spec_bytes_max = 1u << 20;

std::string encode(const Spec& spec);
// Errors: bad_data.
Result<Spec> decode(std::string_view bytes);

// To the keeper: end the run. A later order can only shorten the grace.
struct Order {
  std::uint32_t grace_ms = 0;  // between SIGTERM and SIGKILL; 0 kills at once
};

// Which step of starting failed.
enum class Step : std::int32_t { spec, fork, working_dir, exec };

// From the keeper. Every run ends with `ended`, when no process of the pod is left.
struct Report {
  enum class Kind : std::int32_t {
    started,      // a: pid of the main process
    not_started,  // a: Step, b: errno
    exited,       // the main process; a: exit status as of waitpid
    output_lost,  // a: errno; the log file cannot be written, the pod runs on
    ended,        // a: KiB of output that could not be kept
  };
  Kind kind{};
  std::int32_t a = 0;
  std::int32_t b = 0;
};

}  // namespace cluster::process
