#include "server/questions.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace server {

// No query that was read holds both kinds of quotes.
std::string key_of(const tsdb::Question& question) {
  const auto window = question.window.value_or(Duration{0});
  return fmt::format("{} {} {}", tsdb::to_string(question.operation), window.count(),
                     tsdb::to_string(question.query));
}

Finding Heard::learn(const tsdb::Answer& answer, std::uint64_t resets) {
  const base::Lock lock(mutex_);
  return learn_locked(answer, resets);
}

Finding Heard::learn_locked(const tsdb::Answer& answer, std::uint64_t resets) {
  if (resets > resets_) {
    resets_ = resets;
    last_.reset();
    newest_ = {};
  }
  if (resets == resets_) {
    if (answer.state == tsdb::Answer::State::value) last_ = answer.value;
    newest_ = std::max(newest_, answer.newest);
  }
  Finding finding{answer, last_};
  finding.answer.newest = newest_;
  const bool silent = answer.state == tsdb::Answer::State::absent && last_.has_value();
  if (silent) finding.answer.state = tsdb::Answer::State::stale;
  return finding;
}

void Heard::report(const tsdb::Answer& answer, std::uint64_t resets) {
  std::vector<std::shared_ptr<Listener>> listeners;
  Finding finding;
  {
    const base::Lock lock(mutex_);
    finding = current_ = learn_locked(answer, resets);
    listeners = listeners_;
  }
  for (const auto& listener : listeners) listener->found(finding);
}

void Heard::forget_before(Timestamp kept_since) {
  const base::Lock lock(mutex_);
  if (newest_ < kept_since) last_.reset();
}

Finding Heard::add(std::shared_ptr<Listener> listener) {
  const base::Lock lock(mutex_);
  if (std::ranges::find(listeners_, listener) == listeners_.end())
    listeners_.push_back(std::move(listener));
  return current_;
}

void Heard::remove(const Listener* listener) {
  const base::Lock lock(mutex_);
  std::erase_if(listeners_, [listener](const auto& one) { return one.get() == listener; });
}

Questions::~Questions() {
  const base::Lock lock(mutex_);
  CHECK(watches_ == 0);
  while (!kept_.empty()) let_go(kept_.back());
}

Finding Questions::ask(const tsdb::Question& question) {
  const Timestamp now = clock_.now();
  const std::uint64_t resets = store_.resets();
  std::shared_ptr<Heard> heard;
  tsdb::StandingId standing = 0;
  {
    const base::Lock lock(mutex_);
    Entry& entry = *entry_of(question);
    entry.asked = now;
    keep(entry, question);
    standing = entry.standing;
    heard = entry.heard;
  }
  heard->forget_before(store_.want(question.query.metric, now));
  std::optional<tsdb::Answer> answer;
  if (standing != 0) answer = store_.answer(standing, now);
  if (!answer) answer = store_.evaluate(question, now);
  Finding finding = heard->learn(*answer, resets);
  if (finding.answer.state != tsdb::Answer::State::value)
    finding.clock = store_.wrong_clock(question, now);
  return finding;
}

Result<Finding> Questions::watch(const tsdb::Question& question,
                                 const std::shared_ptr<Listener>& listener) {
  const base::Lock lock(mutex_);
  if (watches_ >= limits_.watches_max)
    return fail(Code::exhausted, fmt::format("{} streams are open already", watches_));
  Entry& entry = *entry_of(question);
  if (entry.watches == 0) {
    if (entry.standing != 0) let_go(entry);
    entry.heard->forget_before(store_.want(question.query.metric, clock_.now()));
    subscribe(entry, question);
    watched_.splice(watched_.begin(), recent_, entry.self);
  }
  ++entry.watches;
  ++watches_;
  return entry.heard->add(listener);
}

void Questions::unwatch(const std::string& key, const Listener* listener, Left left) {
  const base::Lock lock(mutex_);
  Entry& entry = *by_key_.at(key);
  if (left == Left::none) entry.heard->remove(listener);
  --entry.watches;
  --watches_;
  if (entry.watches > 0) return;
  store_.unsubscribe(entry.standing);
  entry.standing = 0;
  recent_.splice(recent_.begin(), watched_, entry.self);
  forget_oldest();
}

std::size_t Questions::remembered() const {
  const base::Lock lock(mutex_);
  return recent_.size() + kept_.size() + watched_.size();
}

std::size_t Questions::kept() const {
  const base::Lock lock(mutex_);
  return kept_.size();
}

std::size_t Questions::watches() const {
  const base::Lock lock(mutex_);
  return watches_;
}

// Keeps it answered from now on, if that is allowed.
void Questions::keep(Entry& entry, const tsdb::Question& question) {
  if (entry.watches > 0) return;
  // A standing query remembers what it matched, also what was reset since.
  if (entry.standing != 0 && entry.resets != store_.resets()) let_go(entry);
  if (entry.standing == 0 && entry.asked >= entry.keep_after) {
    subscribe(entry, question);
    kept_.splice(kept_.begin(), recent_, entry.self);
  }
  trim(entry.asked);
}

void Questions::trim(Timestamp now) {
  while (!kept_.empty() &&
         (kept_.size() > limits_.kept_max || now - kept_.back().asked > limits_.kept_for ||
          store_.standing_links() > limits_.links_max)) {
    kept_.back().keep_after = now + limits_.kept_for;
    let_go(kept_.back());
  }
}

// Its standing query ends.
void Questions::let_go(Entry& entry) {
  store_.unsubscribe(entry.standing);
  entry.standing = 0;
  recent_.splice(recent_.begin(), kept_, entry.self);
}

Questions::Entries& Questions::list_of(const Entry& entry) {
  if (entry.watches > 0) return watched_;
  return entry.standing != 0 ? kept_ : recent_;
}

// The entry, as the latest asked of its list.
Questions::Entries::iterator Questions::entry_of(const tsdb::Question& question) {
  std::string key = key_of(question);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    Entries& list = list_of(*found->second);
    list.splice(list.begin(), list, found->second);
    return found->second;
  }
  recent_.emplace_front(Entry{.key = std::move(key)});
  const auto entry = recent_.begin();
  entry->self = entry;
  by_key_.emplace(entry->key, entry);
  forget_oldest();
  return entry;
}

// Never the first one, which is being asked.
void Questions::forget_oldest() {
  if (recent_.size() + kept_.size() <= std::max<std::size_t>(limits_.remembered_max, 1)) return;
  if (recent_.size() < 2 && !kept_.empty()) {
    let_go(kept_.back());
    recent_.splice(recent_.end(), recent_, recent_.begin());
  }
  by_key_.erase(recent_.back().key);
  recent_.pop_back();
}

// The store reports at once, when nobody listens yet. A report may still run on another thread when
// the entry has gone, so it holds what it needs.
void Questions::subscribe(Entry& entry, const tsdb::Question& question) {
  entry.resets = store_.resets();
  entry.standing = store_.subscribe(
      question,
      [store = &store_, heard = entry.heard](const tsdb::Answer& answer) {
        heard->report(answer, store->resets());
      },
      clock_.now());
}

}  // namespace server
