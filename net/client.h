#pragma once

// Outgoing HTTP/1.1 requests and gRPC calls.

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "net/address.h"
#include "net/http.h"

namespace net {

namespace http {

struct ClientLimits {
  Duration timeout = std::chrono::seconds(10);
  std::size_t body_bytes_max = 64u << 20;
};

// One request on a connection of its own. request.path may carry a query. Errors: unavailable,
// timeout, bad_data.
Task<Result<Response>> send(Address to, Request request, ClientLimits limits = {});

// Keeps one connection open between requests (load generation). Confined to its loop.
class Connection {
 public:
  static Task<Result<std::unique_ptr<Connection>>> open(Address to);
  virtual ~Connection() = default;
  virtual Task<Result<Response>> send(Request request, ClientLimits limits) = 0;
};

}  // namespace http

namespace grpc {

// One HTTP/2 connection; calls run concurrently on it. Confined to its loop.
class Channel {
 public:
  static Task<Result<std::unique_ptr<Channel>>> open(Address to);
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
