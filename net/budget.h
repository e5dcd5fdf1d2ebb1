#pragma once

// Bounds on what many hold together.

#include <atomic>
#include <cstddef>
#include <utility>

namespace net {

// Thread-safe: the connections of one port may be on several loops.
class Budget {
 public:
  explicit Budget(std::size_t max) : max_(max) {}

  // False, and nothing taken, when the bound would be passed.
  bool take(std::size_t amount) {
    std::size_t used = used_.load(std::memory_order_relaxed);
    do {
      if (!fits(used, amount)) return false;
    } while (!used_.compare_exchange_weak(used, used + amount, std::memory_order_relaxed));
    return true;
  }
  // Also beyond the bound.
  void take_anyway(std::size_t amount) { used_.fetch_add(amount, std::memory_order_relaxed); }
  void give_back(std::size_t amount) { used_.fetch_sub(amount, std::memory_order_relaxed); }
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  bool fits(std::size_t used, std::size_t amount) const {
    return used <= max_ && amount <= max_ - used;
  }

  const std::size_t max_;
  std::atomic<std::size_t> used_{0};
};

// One connection's part of a budget. The first `guaranteed` of it are had whatever others hold, so
// that nobody can lock the others out; what is still taken at the end is given back. The budget
// outlives it. Confined to its loop.
class Part {
 public:
  Part(Budget& all, std::size_t guaranteed) : all_(all), guaranteed_(guaranteed) {}
  ~Part() { all_.give_back(used_); }
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  bool take(std::size_t amount) {
    if (used_ <= guaranteed_ && amount <= guaranteed_ - used_) {
      all_.take_anyway(amount);
    } else if (!all_.take(amount)) {
      return false;
    }
    used_ += amount;
    return true;
  }
  void give_back(std::size_t amount) {
    all_.give_back(amount);
    used_ -= amount;
  }
  std::size_t used() const { return used_; }

 private:
  Budget& all_;
  std::size_t guaranteed_;
  std::size_t used_ = 0;
};

// What one holder has of a Budget or a Part, given back at the end. While it holds something, that
// outlives it.
template <class Of>
class Share {
 public:
  explicit Share(Of& of) : of_(&of) {}
  ~Share() { release(); }
  Share(Share&& other) noexcept : of_(other.of_), held_(std::exchange(other.held_, 0)) {}
  Share& operator=(Share&&) = delete;

  bool grow_to(std::size_t amount) { return amount <= held_ || resize(amount); }
  // False, and nothing changed, when it would be too much.
  bool resize(std::size_t amount) {
    if (amount > held_ && !of_->take(amount - held_)) return false;
    if (amount < held_) of_->give_back(held_ - amount);
    held_ = amount;
    return true;
  }
  void release() { resize(0); }

 private:
  Of* of_;
  std::size_t held_ = 0;
};

}  // namespace net
