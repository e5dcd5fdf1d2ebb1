#pragma once

// What all connections of a port hold together.

#include <chrono>

#include "net/budget.h"
#include "net/server.h"

namespace net {

// What who comes too late is told to wait.
constexpr std::chrono::seconds busy_retry_after{1};

// Thread-safe; outlives every connection.
struct Bounds {
  explicit Bounds(const Limits& limits)
      : inflight(limits.inflight_bytes_max),
        answers(limits.answers_bytes_max),
        calls(limits.calls_max) {}

  Budget inflight;  // bytes of requests on their way to a handler
  Budget answers;   // bytes of gRPC answers that peers do not take
  Budget calls;     // gRPC calls
};

}  // namespace net
