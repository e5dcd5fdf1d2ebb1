#pragma once

// The client's side of one gRPC connection as a machine of bytes: no sockets, no tasks, no clock.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/task.h"
#include "base/time.h"
#include "net/grpc_call.h"
#include "net/http2.h"
#include "net/message.h"

namespace net::grpc {

// One call under way. Shared by the session and whoever waits for the answer. Confined to the
// connection's loop.
struct Exchange {
  Exchange(const Executor& executor, std::string message, std::size_t message_bytes_max)
      : out(std::move(message)), reader(message_bytes_max), finished(executor) {}

  std::int32_t stream = 0;
  FramedMessage out;
  MessageReader reader;
  std::string http_status;
  std::string grpc_status;  // empty until the trailers have arrived
  std::string grpc_message;
  std::string encoding;
  bool refused = false;          // the server has not looked at it: it may be sent again
  std::optional<Error> failure;  // found before the stream has ended
  std::optional<Result<std::string>> outcome;  // set once; then `finished` is notified
  base::Signal finished;
};

struct ClientCall {
  std::string_view method;     // "/package.Service/Method"
  std::string_view authority;  // "host:port"
  Duration timeout;
  std::string_view scheme = "http";
  const http::Headers* metadata = nullptr;  // names in lower case
};

// Confined to its loop. After anything that may have produced output: collect().
class ClientSession {
 public:
  explicit ClientSession(std::size_t message_bytes_max);
  ~ClientSession();
  ClientSession(const ClientSession&) = delete;
  ClientSession& operator=(const ClientSession&) = delete;

  // Takes bytes of the server. Errors: bad_data (not HTTP/2).
  Result<void> feed(std::string_view bytes);
  // Begins a call; a server's limit on concurrent ones makes it wait its turn. Errors: unavailable
  // (it goes away).
  Result<void> start(const std::shared_ptr<Exchange>& exchange, const ClientCall& call);
  // Tells the server that nobody waits any more.
  void cancel(Exchange& exchange);
  // Ends every call with `error`.
  void fail_all(const Error& error);
  // Says goodbye.
  void close();

  void collect(std::string& out, std::size_t bytes_max);
  // The server has introduced itself; only then its limits are known.
  bool greeted() const { return greeted_; }
  // Nothing more will be read or written.
  bool done() const;

 private:
  struct Callbacks;

  void take_header(Exchange& exchange, std::string_view name, std::string_view value);
  void take_data(Exchange& exchange, std::string_view bytes);
  void end(std::int32_t stream, std::uint32_t http2_error);
  Result<std::string> outcome_of(Exchange& exchange, std::uint32_t http2_error) const;

  std::size_t message_bytes_max_;
  http2::Session session_;
  std::unordered_map<std::int32_t, std::shared_ptr<Exchange>> exchanges_;
  bool greeted_ = false;
  bool going_away_ = false;  // the server takes no new calls
};

}  // namespace net::grpc
