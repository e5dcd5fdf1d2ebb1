#pragma once

// The answering side of a conversation without a connection. Confined to one thread.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/grpc.h"

namespace server::testing {

class FakeReply final : public net::grpc::Reply {
 public:
  void send(std::string message) override { sent.push_back(std::move(message)); }
  void finish(Result<void> with) override { outcome = std::move(with); }

  std::vector<std::string> take_sent() { return std::exchange(sent, {}); }

  std::vector<std::string> sent;
  std::optional<Result<void>> outcome;
};

}  // namespace server::testing
