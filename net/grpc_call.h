#pragma once

// One call as the server's side of a connection sees it.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "net/budget.h"
#include "net/grpc.h"
#include "net/grpc_message.h"
#include "net/inflate.h"

namespace net::grpc {

// One message with its prefix, on its way out.
class FramedMessage {
 public:
  explicit FramedMessage(std::string message)
      : prefix_(frame_prefix(message.size())), message_(std::move(message)) {}

  // Copies the next bytes, at most `length`; returns how many.
  std::size_t pop_into(std::uint8_t* out, std::size_t length);
  std::size_t bytes() const { return prefix_bytes + message_.size() - sent_; }  // still to be sent
  bool empty() const { return bytes() == 0; }
  // The message, to be sent again from its beginning.
  std::string take() { return std::move(message_); }

 private:
  Prefix prefix_;
  std::string message_;
  std::size_t sent_ = 0;
};

// Messages waiting to be sent.
class SendQueue {
 public:
  void push(std::string message);
  // Moves at most `length` bytes out; returns how many.
  std::size_t pop_into(std::uint8_t* out, std::size_t length);
  bool empty() const { return bytes_ == 0; }
  std::size_t bytes() const { return bytes_; }

 private:
  std::vector<FramedMessage> messages_;
  std::size_t front_ = 0;  // index of the first that is not all sent
  std::size_t bytes_ = 0;
};

// google.rpc.Status.
struct Status {
  int code = 0;
  std::string message;
  std::chrono::seconds retry_after{0};  // when trying again may help; 0: nothing is said of that
};

// The status that a handler's outcome becomes.
Status status_of(const Result<void>& outcome);

// Confined to the connection's loop. Shared by the session and the handler.
struct Call {
  Call(std::int32_t id, std::size_t message_bytes_max, Part& inflight)
      : stream(id), reader(message_bytes_max), held(inflight) {}

  std::int32_t stream;  // HTTP/2's number of it
  Context context;
  std::string request;  // the message, once the call is ready
  const Services::Method* method = nullptr;
  Instant started{};
  Instant deadline = Instant::max();
  base::TaskHandle task;  // the handler's, once it runs

  // Of a conversation: what has arrived and was not handed out yet.
  std::vector<std::string> arrived;
  std::size_t arrived_bytes = 0;
  bool spoken = false;         // some message has arrived
  bool request_ended = false;  // the peer sends no more

  bool conversing() const {
    return method != nullptr && std::holds_alternative<Conversing>(*method);
  }

  // The session's own bookkeeping.
  std::string http_method;
  std::string content_type;
  std::string encoding;  // grpc-encoding
  std::string timeout;   // grpc-timeout
  std::size_t header_bytes = 0;
  MessageReader reader;
  Share<Part> held;  // of the bytes on their way to the handler
  SendQueue out;
  std::optional<Status> status;  // set: nothing more is accepted from the handler
  bool counted = false;          // among the calls that are bounded together
  bool ready = false;            // its handler may run
  bool head_sent = false;
  bool deferred = false;  // HTTP/2 waits for more to send
  bool closed = false;    // the stream is gone
};

}  // namespace net::grpc
