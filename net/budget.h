#pragma once

// A bound on bytes that many hold together.

#include <cstddef>
#include <utility>

namespace net {

// Confined to its loop.
class Budget {
 public:
  explicit Budget(std::size_t max) : max_(max) {}

  // False, and nothing taken, when the bound would be passed.
  bool take(std::size_t bytes) {
    if (bytes > max_ - used_) return false;
    used_ += bytes;
    return true;
  }
  void give_back(std::size_t bytes) { used_ -= bytes; }
  std::size_t used() const { return used_; }

 private:
  std::size_t max_;
  std::size_t used_ = 0;
};

// One holder's part of a budget, given back at the end. The budget outlives it.
class Share {
 public:
  explicit Share(Budget& budget) : budget_(&budget) {}
  ~Share() { release(); }
  Share(Share&& other) noexcept : budget_(other.budget_), held_(std::exchange(other.held_, 0)) {}
  Share& operator=(Share&&) = delete;

  bool grow_to(std::size_t bytes) {
    if (bytes <= held_) return true;
    if (!budget_->take(bytes - held_)) return false;
    held_ = bytes;
    return true;
  }
  void release() { budget_->give_back(std::exchange(held_, 0)); }

 private:
  Budget* budget_;
  std::size_t held_ = 0;
};

}  // namespace net
