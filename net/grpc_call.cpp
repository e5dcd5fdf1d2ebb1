#include "net/grpc_call.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace net::grpc {

std::size_t FramedMessage::pop_into(std::uint8_t* out, std::size_t length) {
  std::size_t copied = 0;
  if (sent_ < prefix_bytes) {
    copied = std::min(prefix_bytes - sent_, length);
    std::memcpy(out, prefix_.data() + sent_, copied);
  }
  const std::size_t from = sent_ + copied - prefix_bytes;
  if (sent_ + copied >= prefix_bytes && copied < length) {
    const std::size_t n = std::min(message_.size() - from, length - copied);
    std::memcpy(out + copied, message_.data() + from, n);
    copied += n;
  }
  sent_ += copied;
  return copied;
}

void SendQueue::push(std::string message) {
  messages_.emplace_back(std::move(message));
  bytes_ += messages_.back().bytes();
}

std::size_t SendQueue::pop_into(std::uint8_t* out, std::size_t length) {
  std::size_t total = 0;
  while (total < length && front_ < messages_.size()) {
    FramedMessage& message = messages_[front_];
    total += message.pop_into(out + total, length - total);
    if (!message.empty()) break;
    message.take();  // frees it
    ++front_;
  }
  if (front_ == messages_.size()) {
    messages_.clear();
    front_ = 0;
  }
  bytes_ -= total;
  return total;
}

Status status_of(const Result<void>& outcome) {
  if (outcome) return {};
  return {.code = base::code_row(outcome.error().code).grpc_status,
          .message = outcome.error().what};
}

}  // namespace net::grpc
