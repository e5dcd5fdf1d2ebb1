#pragma once

// From an HTTP/2 session to its stream.

#include <functional>
#include <string>

#include "base/task.h"
#include "net/stream.h"

namespace net::http2 {

// Sends what a session has to send: many frames in one write, at once when the peer takes it, by a
// waiting task when it does not. What is held here is bounded; meanwhile the session is not asked
// for more. Confined to its loop.
class Writer {
 public:
  struct Parts {
    Stream& stream;          // outlives the tasks
    base::TaskGroup& tasks;  // where the waiting happens
    std::function<void(std::string&, std::size_t)>
        collect;                       // appends frames until there are so many bytes
    std::function<void()> progressed;  // what had to wait is sent, or the peer is lost
  };

  explicit Writer(Parts parts) : parts_(std::move(parts)) {}

  // Sends everything that the session has ready.
  void flush();
  bool waiting() const { return waiting_; }
  bool lost() const { return lost_; }

 private:
  Task<void> write_rest();

  Parts parts_;
  std::string out_;
  std::size_t sent_ = 0;  // of out_
  bool waiting_ = false;
  bool lost_ = false;
};

}  // namespace net::http2
