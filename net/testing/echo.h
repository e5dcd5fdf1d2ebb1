#pragma once

// A small service for tests of the transport: it echoes, fails, streams and waits on demand.

#include <memory>

#include "base/task.h"
#include "net/server.h"

namespace net::testing {

// What the service has seen. Confined to its loop.
struct EchoState {
  explicit EchoState(Executor executor) : drain_asked(executor) {}

  int waiting = 0;           // Wait calls that run
  int cancelled = 0;         // Wait calls that were stopped
  int talking = 0;           // Chat calls that run
  int burned = 0;            // Burn calls that are through
  base::Signal drain_asked;  // by GET /drain
};

// gRPC, under /tidewheel.Echo/: requests and answers are plain bytes.
//   Echo    the request
//   Sized   N: N bytes
//   Said    NAME: what the call's metadata say under that name
//   Fail    "CODE text": that status
//   Repeat  "COUNT BYTES [CODE text]": a stream of so many messages of so many bytes, then that
//           status
//   Sleep   N: an empty message after N milliseconds
//   Burn    N: an empty message after N milliseconds in which nothing else runs
//   Wait    never answers; counts when it is stopped
//   Stream  never answers, as a stream; counts when it is stopped
//   Chat    every message comes back as it arrives, until the end or "bye CODE text"
//   Metadata NAME: the values that came under that name, one per line, as they were on the wire
//   Counts  "waiting cancelled"
// HTTP: POST /echo returns the body; GET /events streams three chunks; GET /wait streams until
// stopped; GET /throw throws; GET /drain notifies drain_asked; everything else is 404. The state
// outlives the server.
Handlers make_echo(EchoState& state);

}  // namespace net::testing
