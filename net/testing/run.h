#pragma once

// Tests of coroutines: one loop, one coroutine, until it returns.

#include <functional>
#include <string>

#include "base/task.h"
#include "net/stream.h"

namespace net::testing {

// Runs `body` on a fresh loop. Fails the process after a minute, so that a hanging test names
// itself.
void run(const std::function<Task<void>(base::Loop&)>& body);

// Reads until `ends` says so, or the peer ends, or five seconds have passed; returns everything.
Task<std::string> read_until(Stream& stream, std::function<bool(const std::string&)> ends);
// Reads all that the peer sends.
Task<std::string> read_all(Stream& stream);

// Runs other tasks until `condition` holds; false when it does not within five seconds.
Task<bool> eventually(std::function<bool()> condition);

}  // namespace net::testing
