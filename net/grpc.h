#pragma once

// Our thin gRPC: handlers by full method name, messages as bytes. Framing and flow control are the
// connection's. Source: gRPC over HTTP/2 (PROTOCOL-HTTP2 of the gRPC project).

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/task.h"
#include "net/http.h"

namespace net::grpc {

// What a handler may know about its call. Lives until the handler's task has ended.
struct Context {
  std::string method;  // "/package.Service/Method"
  std::string peer;    // "address:port"
  http::Headers metadata;
};

// Where a server-streaming handler writes. Outlives the handler's task.
class StreamWriter {
 public:
  virtual ~StreamWriter() = default;
  // Waits for flow control. Errors: cancelled when the client left, its deadline passed, or the
  // server drains.
  virtual Task<Result<void>> write(std::string message) = 0;
};

// A Result's error becomes the status: its Code by the table of base/result.h, its text as
// grpc-message.
using Unary = std::function<Task<Result<std::string>>(const Context&, std::string request)>;
using ServerStreaming =
    std::function<Task<Result<void>>(const Context&, std::string request, StreamWriter&)>;

// The methods one server offers. Immutable once the server runs.
class Services {
 public:
  void add(std::string method, Unary handler) {
    methods_.emplace(std::move(method), std::move(handler));
  }
  void add(std::string method, ServerStreaming handler) {
    methods_.emplace(std::move(method), std::move(handler));
  }

  using Method = std::variant<Unary, ServerStreaming>;
  // nullptr when the method is not offered: the peer gets UNIMPLEMENTED and `on_unknown` hears of
  // it.
  const Method* find(std::string_view method) const {
    const auto it = methods_.find(method);
    return it == methods_.end() ? nullptr : &it->second;
  }

  std::function<void(const Context&)> on_unknown;  // may be empty

 private:
  std::map<std::string, Method, std::less<>> methods_;
};

}  // namespace net::grpc
