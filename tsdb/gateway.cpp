#include "tsdb/gateway.h"

#include <optional>
#include <utility>

#include "base/mutex.h"

namespace tsdb {
namespace {

using Report = std::function<void(const Answer&)>;

// Carries answers from the ingest threads to the asker's. Thread-safe: at most one message is on
// its way, and the newest answer waits for it here.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  Mailbox(base::Loop& asker, Report report)
      : asker_(&asker), report_(std::make_shared<const Report>(std::move(report))) {}

  // On the thread that made the answer.
  void put(const Answer& answer) {
    const base::Lock lock(mutex_);
    if (!asker_) return;
    const bool on_its_way = std::exchange(newest_, answer).has_value();
    if (on_its_way) return;
    asker_->post([self = shared_from_this()] { self->deliver(); });
  }

  // On the asker's thread. Nothing touches its loop or calls the report afterwards.
  void close() {
    {
      const base::Lock lock(mutex_);
      asker_ = nullptr;
    }
    report_.reset();
  }

  StandingId id = 0;  // the gateway's loop only

 private:
  void deliver() {
    const auto report = report_;  // which may close this mailbox
    if (!report) return;
    if (const auto answer = take()) (*report)(*answer);
  }

  std::optional<Answer> take() {
    const base::Lock lock(mutex_);
    return std::exchange(newest_, std::nullopt);
  }

  base::Mutex mutex_;
  base::Loop* asker_ GUARDED_BY(mutex_);
  std::optional<Answer> newest_ GUARDED_BY(mutex_);
  std::shared_ptr<const Report> report_;  // the asker's thread only
};

class OpenSubscription final : public Subscription {
 public:
  OpenSubscription(base::Loop& loop, Shards& store, std::shared_ptr<Mailbox> mailbox)
      : loop_(loop), store_(store), mailbox_(std::move(mailbox)) {}

  ~OpenSubscription() override {
    mailbox_->close();
    loop_.post(
        [store = &store_, mailbox = std::move(mailbox_)] { store->unsubscribe(mailbox->id); });
  }

 private:
  base::Loop& loop_;
  Shards& store_;
  std::shared_ptr<Mailbox> mailbox_;
};

}  // namespace

std::unique_ptr<Subscription> Gateway::subscribe(Question question, base::Loop& asker,
                                                 std::function<void(const Answer&)> report) {
  auto mailbox = std::make_shared<Mailbox>(asker, std::move(report));
  // Posts of one thread arrive in order: the subscription exists before its end.
  loop_.post([store = &store_, clock = &clock_, mailbox, question = std::move(question)] {
    mailbox->id = store->subscribe(
        question, [mailbox](const Answer& answer) { mailbox->put(answer); }, clock->now());
  });
  return std::make_unique<OpenSubscription>(loop_, store_, std::move(mailbox));
}

Task<Answer> Gateway::evaluate(Question question) {
  return ask([clock = &clock_, question = std::move(question)](Shards& store) {
    return store.evaluate(question, clock->now());
  });
}

}  // namespace tsdb
