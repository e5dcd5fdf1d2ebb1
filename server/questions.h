#pragma once

// What the external scaler asks the store: equal questions share one standing query and one memory
// of the last value, on whichever thread they are asked.

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "tsdb/shards.h"

namespace server {

// What the store answers. Silence is stale, never absent, where somebody has asked while there was
// a value.
struct Finding {
  tsdb::Answer answer;
  // The newest value there was, now or before; nothing is known from before the store was reset.
  std::optional<double> last;
  // Of an answer without a value: whose points were refused for their time meanwhile. With it,
  // silence is no evidence of anything.
  std::optional<tsdb::WrongClock> clock = {};
};

struct QuestionLimits {
  std::size_t remembered_max = 10'000;  // questions without a watch; the longest unasked goes
  // How many of those are kept answered, for how long after they were asked, and how many series
  // may feed all standing queries of the store for their sake.
  std::size_t kept_max = 1'000;
  Duration kept_for = std::chrono::minutes(10);
  std::size_t links_max = 2'000'000;
  std::size_t watches_max = 100'000;
};

// Hears of one question, on whichever thread its answer changes; one call at a time.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void found(const Finding& finding) = 0;
};

// What is remembered of one question, and who listens. Thread-safe; no lock is held while a
// listener hears.
class Heard {
 public:
  // What to make of an answer that was found when the store had been reset so often.
  Finding learn(const tsdb::Answer& answer, std::uint64_t resets);
  // The same of the standing query, for all who listen.
  void report(const tsdb::Answer& answer, std::uint64_t resets);
  // Forgets a value from before its metric was kept: newer ones may have come that nobody took.
  void forget_before(Timestamp kept_since);

  // Returns what it would have heard last.
  Finding add(std::shared_ptr<Listener> listener);
  void remove(const Listener* listener);

 private:
  Finding learn_locked(const tsdb::Answer& answer, std::uint64_t resets) REQUIRES(mutex_);

  base::Mutex mutex_;
  std::optional<double> last_ GUARDED_BY(mutex_);
  Timestamp newest_ GUARDED_BY(mutex_);
  std::uint64_t resets_ GUARDED_BY(mutex_) = 0;  // of the store, when `last_` was learnt
  Finding current_ GUARDED_BY(mutex_);           // of the standing query
  std::vector<std::shared_ptr<Listener>> listeners_ GUARDED_BY(mutex_);
};

// Equal texts are equal questions.
std::string key_of(const tsdb::Question& question);

// Thread-safe: its lock covers what is asked and kept, and is given back before a kept answer is
// read or series are gone through; only the first who asks a question keeps the others waiting,
// while its series are collected. Store and clock outlive it; it outlives its watches.
class Questions {
 public:
  Questions(tsdb::Shards& store, const Clock& clock, QuestionLimits limits = {})
      : store_(store), clock_(clock), limits_(limits) {}
  ~Questions();
  Questions(const Questions&) = delete;
  Questions& operator=(const Questions&) = delete;

  // One answer, now; remembered. Who asks again and again gets it from a standing query, whatever
  // the number of series.
  Finding ask(const tsdb::Question& question);

  // One more watch (see server/watches.h) keeps `question` answered; `listener` hears of it from
  // now on, if it does not already. Returns the current finding. Errors: exhausted.
  Result<Finding> watch(const tsdb::Question& question, const std::shared_ptr<Listener>& listener);
  // One less; the listener goes with the last of its own.
  enum class Left : std::uint8_t { some, none };
  void unwatch(const std::string& key, const Listener* listener, Left left);

  std::size_t remembered() const;
  std::size_t kept() const;
  std::size_t watches() const;

 private:
  struct Entry;
  using Entries = std::list<Entry>;

  Entries::iterator entry_of(const tsdb::Question& question) REQUIRES(mutex_);
  void keep(Entry& entry, const tsdb::Question& question) REQUIRES(mutex_);
  void let_go(Entry& entry) REQUIRES(mutex_);
  void trim(Timestamp now) REQUIRES(mutex_);
  Entries& list_of(const Entry& entry) REQUIRES(mutex_);
  void subscribe(Entry& entry, const tsdb::Question& question) REQUIRES(mutex_);
  void forget_oldest() REQUIRES(mutex_);

  tsdb::Shards& store_;
  const Clock& clock_;
  const QuestionLimits limits_;
  mutable base::Mutex mutex_;
  Entries recent_ GUARDED_BY(mutex_);   // nobody watches them; the latest asked first
  Entries kept_ GUARDED_BY(mutex_);     // the same, and each has one standing query
  Entries watched_ GUARDED_BY(mutex_);  // each has one standing query
  // Of the entries' own keys.
  std::unordered_map<std::string_view, Entries::iterator> by_key_ GUARDED_BY(mutex_);
  std::size_t watches_ GUARDED_BY(mutex_) = 0;
};

struct Questions::Entry {
  std::string key;
  std::shared_ptr<Heard> heard = std::make_shared<Heard>();
  std::uint64_t resets = 0;  // of the store, when the standing query began
  Timestamp asked;
  Timestamp keep_after;  // not kept answered again before this
  tsdb::StandingId standing = 0;
  std::size_t watches = 0;
  Entries::iterator self;
};

}  // namespace server
