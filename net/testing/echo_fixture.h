#pragma once

// The echo service on a free port of loopback, for tests of the transport.

#include <string>

#include "base/metrics.h"
#include "net/client.h"
#include "net/server.h"
#include "net/stream.h"
#include "net/testing/echo.h"

namespace net::testing {

// Confined to its loop. Await drain() before destruction.
class EchoServer {
 public:
  explicit EchoServer(base::Loop& loop, Limits limits = {}, Log log = {});
  // With TLS, of files that are looked at when told to, or at that interval.
  EchoServer(base::Loop& loop, tls::Files files, Limits limits = {},
             Duration look_interval = std::chrono::hours(1));

  Address address() const { return {"127.0.0.1", port_}; }
  EchoState& state() { return state_; }
  void look_at_files() { server_.look_at_files(); }
  Task<void> drain(Duration grace = {}) { return server_.drain(grace); }

  // A connection to it, of bytes alone.
  Task<std::unique_ptr<Stream>> connect();
  // Sends `bytes` on a connection of their own and returns all that comes back until the server
  // ends it.
  Task<std::string> answer_to(std::string bytes);

  // The value of one of our metrics, 0 when it is not there: "net_violations_total",
  // "kind=\"bad_http\"".
  double metric(std::string_view name, std::string_view label = {}) const;

 private:
  void listen();

  base::metrics::Registry registry_;
  EchoState state_;
  Server server_;
  std::uint16_t port_ = 0;
};

}  // namespace net::testing
