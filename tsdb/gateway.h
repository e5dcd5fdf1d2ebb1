#pragma once

// The store as the control loop sees it: questions go over to an ingest thread, answers come back,
// so that it neither waits for a shard nor goes through series itself.

#include <functional>
#include <memory>

#include "base/call_on.h"
#include "base/clock.h"
#include "base/task.h"
#include "tsdb/shards.h"

namespace tsdb {

// A standing question; dropping it ends it. After that its report is never called again. Confined
// to the asker's loop.
class Subscription {
 public:
  virtual ~Subscription() = default;
};

class StandingQuestions;

// Thread-safe. The store, the loop that asks it and the clock outlive it, and every subscription.
class Gateway {
 public:
  Gateway(base::Loop& loop, Shards& store, const Clock& clock);

  // `report` runs on `asker`, first with the current answer. Reports that pile up before `asker`
  // runs are folded to the newest. Equal questions are one standing query, however many ask.
  std::unique_ptr<Subscription> subscribe(Question question, base::Loop& asker,
                                          std::function<void(const Answer&)> report);

  // One answer, now.
  Task<Answer> evaluate(Question question);

  // Any other question: `ask(store)` runs on that loop.
  template <class Ask>
  auto ask(Ask ask) -> Task<std::invoke_result_t<Ask&, Shards&>> {
    auto* store = &store_;
    return base::call_on(loop_, [store, ask = std::move(ask)]() mutable { return ask(*store); });
  }

 private:
  base::Loop& loop_;
  Shards& store_;
  const Clock& clock_;
  std::shared_ptr<StandingQuestions> standing_;  // on that loop
};

}  // namespace tsdb
