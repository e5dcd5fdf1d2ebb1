#pragma once

// One accepted connection, and what all connections of a server share.

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/task.h"
#include "net/bounds.h"
#include "net/metrics.h"
#include "net/server.h"
#include "net/stream.h"

namespace net {

// Confined to the server's loop; outlives every connection.
struct Shared {
  Executor executor;
  Limits limits;
  Handlers handlers;
  Log log;
  Metrics metrics;
  base::metrics::Registry& registry;
  std::shared_ptr<Bounds> bounds;  // of all servers of the port
  std::vector<char> scratch;       // every connection reads into it
  base::SystemClock clock;
};

// Confined to the server's loop. Ends when run() returns; stopping its task ends it promptly.
class Connection {
 public:
  virtual ~Connection() = default;
  // Serves the peer until either side has had enough. `first` is what was read while finding out
  // the protocol.
  virtual Task<void> run(std::string first) = 0;
  // Lets what is running end, takes nothing new, then ends.
  virtual void drain() = 0;
};

std::shared_ptr<Connection> make_http1_connection(Shared& shared, std::unique_ptr<Stream> stream);
std::shared_ptr<Connection> make_grpc_connection(Shared& shared, std::unique_ptr<Stream> stream);

// Ends our side and waits a moment for the peer to end its own, so that what was sent last is not
// lost to a reset.
Task<void> close_gently(Stream& stream);

}  // namespace net
