#pragma once

// What the external scaler asks the store: equal questions share one standing query and one memory
// of the last value.

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "tsdb/store.h"

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

// Confined to the store's loop. Store and clock outlive it; it outlives its watches.
class Questions {
 public:
  class Watch;

  Questions(tsdb::Store& store, const Clock& clock, QuestionLimits limits = {})
      : store_(store), clock_(clock), limits_(limits) {}
  ~Questions();
  Questions(const Questions&) = delete;
  Questions& operator=(const Questions&) = delete;

  // One answer, now; remembered. Who asks again and again gets it from a standing query, whatever
  // the number of series.
  Finding ask(const tsdb::Question& question);

  // Keeps `question` answered: watch.found() is called at once, then after each change of the
  // answer, until the watch ends. Watches of equal questions share one standing query. Errors:
  // exhausted.
  Result<void> watch(const tsdb::Question& question, Watch& watch);

  std::size_t remembered() const { return recent_.size() + kept_.size() + watched_.size(); }
  std::size_t kept() const { return kept_.size(); }
  std::size_t watches() const { return watches_; }

 private:
  struct Entry;
  using Entries = std::list<Entry>;

  Entries::iterator entry_of(const tsdb::Question& question);
  Finding learn(Entry& entry, const tsdb::Answer& answer);
  tsdb::Answer answer(Entry& entry, const tsdb::Question& question);
  void keep(Entry& entry, const tsdb::Question& question);
  void let_go(Entry& entry);
  void trim(Timestamp now);
  Entries& list_of(const Entry& entry);
  void subscribe(Entry& entry, const tsdb::Question& question);
  void report(Entry& entry, const tsdb::Answer& answer);
  void forget_oldest();
  void end(Watch& watch);

  tsdb::Store& store_;
  const Clock& clock_;
  const QuestionLimits limits_;
  Entries recent_;   // nobody watches them; the latest asked first
  Entries kept_;     // the same, and each has one standing query
  Entries watched_;  // each has one standing query
  std::unordered_map<std::string_view, Entries::iterator> by_key_;  // of the entries' own keys
  std::size_t watches_ = 0;
};

// Hears what becomes of one question; destroying it ends that, also within found().
class Questions::Watch {
 public:
  Watch() = default;
  virtual ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  friend class Questions;
  virtual void found(const Finding& finding) = 0;

  Questions* questions_ = nullptr;
  Entry* entry_ = nullptr;
  std::size_t position_ = 0;  // in the entry's watches
};

struct Questions::Entry {
  std::string key;
  std::optional<double> last;
  Timestamp newest;
  std::uint64_t resets = 0;  // of the store, when `last` was learnt
  Timestamp asked;
  Timestamp keep_after;  // not kept answered again before this
  tsdb::StandingId standing = 0;
  Finding current;  // of the standing query
  std::vector<Watch*> watches;
  Entries::iterator self;
};

}  // namespace server
