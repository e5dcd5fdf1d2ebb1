#pragma once

// The store as other threads see it: questions go over, answers come back. Nothing of the store is
// touched from outside its own thread.

#include <functional>
#include <memory>

#include "base/call_on.h"
#include "base/clock.h"
#include "base/task.h"
#include "tsdb/store.h"

namespace tsdb {

// A standing question; dropping it ends it. After that its report is never called again. Confined
// to the asker's loop.
class Subscription {
 public:
  virtual ~Subscription() = default;
};

// Thread-safe. The store, its loop and the clock outlive it, and every subscription.
class Gateway {
 public:
  Gateway(base::Loop& loop, Store& store, const Clock& clock)
      : loop_(loop), store_(store), clock_(clock) {}

  // `report` runs on `asker`, first with the current answer. Reports that pile up before `asker`
  // runs are folded to the newest.
  std::unique_ptr<Subscription> subscribe(Question question, base::Loop& asker,
                                          std::function<void(const Answer&)> report);

  // One answer, now.
  Task<Answer> evaluate(Question question);

  // Any other question: `ask(store)` runs on the store's thread.
  template <class Ask>
  auto ask(Ask ask) -> Task<std::invoke_result_t<Ask&, Store&>> {
    auto* store = &store_;
    return base::call_on(loop_, [store, ask = std::move(ask)]() mutable { return ask(*store); });
  }

 private:
  base::Loop& loop_;
  Store& store_;
  const Clock& clock_;
};

}  // namespace tsdb
