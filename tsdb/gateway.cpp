#include "tsdb/gateway.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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

  std::string question;  // which one it waits for; the gateway's loop only

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

// One standing query for all who ask the same. Thread-safe, but for `id`.
class SharedQuestion {
 public:
  void put(const Answer& answer) {
    const base::Lock lock(mutex_);
    newest_ = answer;
    for (const auto& mailbox : mailboxes_) mailbox->put(answer);
  }

  // Who comes later hears at once what is known.
  void add(std::shared_ptr<Mailbox> mailbox) {
    const base::Lock lock(mutex_);
    if (newest_) mailbox->put(*newest_);
    mailboxes_.push_back(std::move(mailbox));
  }

  // Returns whether nobody is left.
  bool remove(const std::shared_ptr<Mailbox>& mailbox) {
    const base::Lock lock(mutex_);
    std::erase(mailboxes_, mailbox);
    return mailboxes_.empty();
  }

  StandingId id = 0;  // the gateway's loop only

 private:
  base::Mutex mutex_;
  std::vector<std::shared_ptr<Mailbox>> mailboxes_ GUARDED_BY(mutex_);
  std::optional<Answer> newest_ GUARDED_BY(mutex_);
};

}  // namespace

// What is asked through one gateway. Confined to its loop.
class StandingQuestions {
 public:
  StandingQuestions(Shards& store, const Clock& clock) : store_(store), clock_(clock) {}

  void begin(const Question& question, const std::shared_ptr<Mailbox>& mailbox) {
    mailbox->question = text_of(question);
    const auto [entry, is_new] = questions_.try_emplace(mailbox->question);
    if (is_new) entry->second = std::make_shared<SharedQuestion>();
    const auto shared = entry->second;
    shared->add(mailbox);
    if (!is_new) return;
    shared->id = store_.subscribe(
        question, [shared](const Answer& answer) { shared->put(answer); }, clock_.now());
  }

  void end(const std::shared_ptr<Mailbox>& mailbox) {
    const auto found = questions_.find(mailbox->question);
    if (!found->second->remove(mailbox)) return;
    store_.unsubscribe(found->second->id);
    questions_.erase(found);
  }

 private:
  // Equal texts are equal questions.
  std::string text_of(const Question& question) const {
    const Duration window = question.window.value_or(store_.options().retention);
    return fmt::format("{} {} {}", to_string(question.query), to_string(question.operation),
                       window.count());
  }

  Shards& store_;
  const Clock& clock_;
  std::map<std::string, std::shared_ptr<SharedQuestion>, std::less<>> questions_;
};

namespace {

class OpenSubscription final : public Subscription {
 public:
  OpenSubscription(base::Loop& loop, std::shared_ptr<StandingQuestions> standing,
                   std::shared_ptr<Mailbox> mailbox)
      : loop_(loop), standing_(std::move(standing)), mailbox_(std::move(mailbox)) {}

  ~OpenSubscription() override {
    mailbox_->close();
    loop_.post([standing = std::move(standing_), mailbox = std::move(mailbox_)] {
      standing->end(mailbox);
    });
  }

 private:
  base::Loop& loop_;
  std::shared_ptr<StandingQuestions> standing_;
  std::shared_ptr<Mailbox> mailbox_;
};

}  // namespace

Gateway::Gateway(base::Loop& loop, Shards& store, const Clock& clock)
    : loop_(loop),
      store_(store),
      clock_(clock),
      standing_(std::make_shared<StandingQuestions>(store, clock)) {}

std::unique_ptr<Subscription> Gateway::subscribe(Question question, base::Loop& asker,
                                                 std::function<void(const Answer&)> report) {
  auto mailbox = std::make_shared<Mailbox>(asker, std::move(report));
  // Posts of one thread arrive in order: the subscription exists before its end.
  loop_.post([standing = standing_, mailbox, question = std::move(question)] {
    standing->begin(question, mailbox);
  });
  return std::make_unique<OpenSubscription>(loop_, standing_, std::move(mailbox));
}

Task<Answer> Gateway::evaluate(Question question) {
  return ask([clock = &clock_, question = std::move(question)](Shards& store) {
    return store.evaluate(question, clock->now());
  });
}

}  // namespace tsdb
