#include "net/grpc_call.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace net::grpc {

void SendQueue::push(std::string message) {
  bytes_ += prefix_bytes + message.size();
  const Prefix prefix = frame_prefix(message.size());
  messages_.push_back({prefix, std::move(message)});
}

// Copies from the first message alone: of its prefix or of its body.
std::size_t SendQueue::copy_front(std::uint8_t* out, std::size_t length) {
  const Framed& framed = messages_[front_];
  const bool in_prefix = offset_ < prefix_bytes;
  const char* from = in_prefix ? framed.prefix.data() + offset_ : framed.message.data() + (offset_ - prefix_bytes);
  const std::size_t left = (in_prefix ? prefix_bytes : prefix_bytes + framed.message.size()) - offset_;
  const std::size_t n = std::min(left, length);
  std::memcpy(out, from, n);
  return n;
}

std::size_t SendQueue::pop_into(std::uint8_t* out, std::size_t length) {
  std::size_t total = 0;
  while (total < length && front_ < messages_.size()) {
    const std::size_t n = copy_front(out + total, length - total);
    total += n;
    offset_ += n;
    if (offset_ == prefix_bytes + messages_[front_].message.size()) {
      messages_[front_].message = {};
      ++front_;
      offset_ = 0;
    }
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
  return {base::code_row(outcome.error().code).grpc_status, outcome.error().what};
}

}  // namespace net::grpc
