#pragma once

// A call with one request whose answers come when there is something to say.

#include <string>
#include <utility>

#include "net/grpc.h"

namespace server {

// Confined to its loop. `reply` outlives it.
class HeldCall : public net::grpc::Conversation {
 public:
  explicit HeldCall(net::grpc::Reply& reply) : reply_(reply) {}

  void take(std::string message) final {
    if (std::exchange(opened_, true))
      return reply_.finish(fail(Code::bad_data, "more than one message"));
    open(std::move(message));
  }
  void take_end() final {
    if (!opened_) reply_.finish(fail(Code::bad_data, "no message"));
  }

 protected:
  net::grpc::Reply& reply() { return reply_; }

 private:
  virtual void open(std::string request) = 0;

  net::grpc::Reply& reply_;
  bool opened_ = false;
};

}  // namespace server
