#pragma once

// Our thin gRPC: handlers by full method name, messages as bytes. Framing and flow control are the
// connection's. Source: gRPC over HTTP/2 (PROTOCOL-HTTP2 of the gRPC project).

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

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
  // server drains; exhausted when peers leave too much untaken.
  virtual Task<Result<void>> write(std::string message) = 0;
};

// How a conversation answers. Outlives it.
class Reply {
 public:
  virtual ~Reply() = default;
  // Queues one message, which goes out before the loop waits again. Dropped once the call is over.
  // A peer that leaves more than reply_bytes_max untaken ends the call: RESOURCE_EXHAUSTED.
  virtual void send(std::string message) = 0;
  // Ends the call. The conversation hears nothing more and is destroyed soon, never within this.
  virtual void finish(Result<void> outcome) = 0;
};
inline constexpr std::size_t reply_bytes_max = 64u << 10;

// A call that lives from events instead of running as a task: it takes messages as they come and
// answers when it likes. While nothing happens it costs its memory alone. Destroyed when the call
// is over, whoever ended it: the peer, its deadline, a drain (UNAVAILABLE), or finish().
class Conversation {
 public:
  virtual ~Conversation() = default;
  virtual void take(std::string message) = 0;
  // The peer will send no more; it may go on listening.
  virtual void take_end() = 0;
};

// A Result's error becomes the status: its Code by the table of base/result.h, its text as
// grpc-message.
using Unary = std::function<Task<Result<std::string>>(const Context&, std::string request)>;
using ServerStreaming =
    std::function<Task<Result<void>>(const Context&, std::string request, StreamWriter&)>;
// Called when the call's head has arrived. What it returns is not nullptr.
using Conversing = std::function<std::unique_ptr<Conversation>(const Context&, Reply&)>;

// The methods one server offers. Immutable once the server runs.
class Services {
 public:
  void add(std::string method, Unary handler) {
    methods_.emplace(std::move(method), std::move(handler));
  }
  void add(std::string method, ServerStreaming handler) {
    methods_.emplace(std::move(method), std::move(handler));
  }

  void add(std::string method, Conversing handler) {
    methods_.emplace(std::move(method), std::move(handler));
  }

  using Method = std::variant<Unary, ServerStreaming, Conversing>;
  // nullptr when the method is not offered: the peer gets UNIMPLEMENTED and `on_unknown` hears of
  // it.
  const Method* find(std::string_view method) const {
    const auto it = methods_.find(method);
    return it == methods_.end() ? nullptr : &it->second;
  }

  // "package.Service" of all methods, sorted, each once.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [method, handler] : methods_) {
      const std::string name = method.substr(1, method.rfind('/') - 1);
      if (names.empty() || names.back() != name) names.push_back(name);
    }
    return names;
  }

  std::function<void(const Context&)> on_unknown;  // may be empty

 private:
  std::map<std::string, Method, std::less<>> methods_;
};

}  // namespace net::grpc
