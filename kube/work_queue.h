#pragma once

// Keys waiting to be reconciled: each at most once in the queue, and never worked on twice at the
// same time.

#include <deque>
#include <set>

#include "base/task.h"
#include "kube/client.h"

namespace kube {

// Confined to its loop.
class WorkQueue {
 public:
  explicit WorkQueue(Executor executor) : ready_(std::move(executor)) {}

  // Asks for `key` to be worked on; while somebody works on it, once more afterwards.
  void add(const Key& key) {
    if (running_.contains(key)) {
      again_.insert(key);
    } else if (queued_.insert(key).second) {
      order_.push_back(key);
      ready_.notify();
    }
  }

  // Waits for the next key, which is the caller's until done(). Errors: cancelled.
  Task<Result<Key>> take() {
    while (order_.empty()) {
      auto woken = co_await ready_.wait();
      if (!woken) co_return std::unexpected(woken.error());
    }
    Key key = std::move(order_.front());
    order_.pop_front();
    queued_.erase(key);
    running_.insert(key);
    if (!order_.empty()) ready_.notify();
    co_return key;
  }

  void done(const Key& key) {
    running_.erase(key);
    if (again_.erase(key) > 0) add(key);
  }

  bool idle() const { return order_.empty() && running_.empty(); }

 private:
  std::deque<Key> order_;
  std::set<Key> queued_;
  std::set<Key> running_;
  std::set<Key> again_;
  base::Signal ready_;
};

}  // namespace kube
