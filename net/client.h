#pragma once

// Outgoing HTTP/1.1 requests and gRPC calls.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "net/address.h"
#include "net/http.h"
#include "net/tls.h"

namespace net {

// Where requests and calls go: an address, and how its identity is checked when it speaks TLS.
struct Origin {
  Origin(Address to, std::shared_ptr<const tls::Context> context = nullptr)
      : address(std::move(to)), tls(std::move(context)), name(address.host) {}

  Address address;
  std::shared_ptr<const tls::Context> tls;  // nullptr: plain TCP
  std::string name;                         // what its certificate must be for
};

namespace http {

struct ClientLimits {
  Duration timeout = std::chrono::seconds(10);
  std::size_t body_bytes_max = 64u << 20;
};

// One request on a connection of its own. request.path is sent as it is and may carry a query.
// Errors: unavailable, timeout, bad_data, exhausted (the body is over its limit), denied (TLS).
Task<Result<Response>> send(Origin to, Request request, ClientLimits limits = {});

// One connection, for one request after the other. Confined to its loop.
class Connection {
 public:
  static Task<Result<std::unique_ptr<Connection>>> open(Origin to, Duration limit = default_limit);
  virtual ~Connection() = default;

  // Errors: as send() above; unavailable once usable() is false.
  virtual Task<Result<Response>> send(Request request, ClientLimits limits) = 0;

  // Sends the request and waits for the answer's header, for at most limits.timeout; the body is
  // then read piece by piece, for as long as it takes.
  virtual Task<Result<Response>> begin(Request request, ClientLimits limits) = 0;
  // The next piece of the body; empty when it has ended. Errors: unavailable, bad_data, cancelled.
  virtual Task<Result<std::string>> read_body() = 0;

  // Whether another request may go out: the last answer has been read, and nobody ended it.
  virtual bool usable() const = 0;

  static constexpr Duration default_limit = std::chrono::seconds(10);
};

struct PoolLimits {
  std::size_t connections_max = 16;  // more requests wait for one to be free
  // Servers and what stands before them close silent connections, most after a minute or more.
  Duration idle_max = std::chrono::seconds(30);
};

// Connections to one origin, kept open between requests. Confined to its loop; requests end before
// it is destroyed.
class Pool {
 public:
  Pool(Origin to, const Clock& clock, PoolLimits limits = {});
  ~Pool();

  // As send() above, on any free connection, within limits.timeout all in all. A kept connection
  // that the server had closed meanwhile is replaced once, for requests that may be repeated: GET,
  // HEAD, PUT and DELETE (RFC 9110 section 9.2.2).
  Task<Result<Response>> send(Request request, ClientLimits limits = {});

  const Origin& origin() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace http

namespace grpc {

// One HTTP/2 connection; calls run concurrently on it. Confined to its loop.
class Channel {
 public:
  // metadata: sent with every call; names in lower case. Errors: unavailable, timeout, denied
  // (TLS), bad_data (no HTTP/2, or TLS on one side alone).
  static Task<Result<std::unique_ptr<Channel>>> open(Origin to, http::Headers metadata = {});
  virtual ~Channel() = default;
  // Sends one message, returns the answer's message. A status other than OK is an Error by
  // base/result.h's table.
  virtual Task<Result<std::string>> unary(std::string method, std::string message,
                                          Duration timeout) = 0;
  // Tells the server goodbye and ends the connection's tasks. Await it before destruction.
  virtual Task<void> close() = 0;
};

}  // namespace grpc
}  // namespace net
