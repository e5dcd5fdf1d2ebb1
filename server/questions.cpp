#include "server/questions.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace server {
namespace {

// Equal texts are equal questions: no query that was read holds both kinds of quotes.
std::string key_of(const tsdb::Question& question) {
  const auto window = question.window.value_or(Duration{0});
  return fmt::format("{} {} {}", tsdb::to_string(question.operation), window.count(),
                     tsdb::to_string(question.query));
}

}  // namespace

Questions::~Questions() {
  CHECK(watches_ == 0);
  while (!kept_.empty()) let_go(kept_.back());
}

Questions::Watch::~Watch() {
  if (questions_ != nullptr) questions_->end(*this);
}

Finding Questions::ask(const tsdb::Question& question) {
  const auto entry = entry_of(question);
  Finding finding = learn(*entry, answer(*entry, question));
  if (finding.answer.state != tsdb::Answer::State::value)
    finding.clock = store_.wrong_clock(question, clock_.now());
  return finding;
}

Result<void> Questions::watch(const tsdb::Question& question, Watch& watch) {
  if (watches_ >= limits_.watches_max)
    return fail(Code::exhausted, fmt::format("{} streams are open already", watches_));
  Entry& entry = *entry_of(question);
  if (entry.watches.empty()) {
    if (entry.standing != 0) let_go(entry);
    subscribe(entry, question);
    watched_.splice(watched_.begin(), recent_, entry.self);
  }
  watch.questions_ = this;
  watch.entry_ = &entry;
  watch.position_ = entry.watches.size();
  entry.watches.push_back(&watch);
  ++watches_;
  watch.found(entry.current);
  return {};
}

tsdb::Answer Questions::answer(Entry& entry, const tsdb::Question& question) {
  entry.asked = clock_.now();
  keep(entry, question);
  if (entry.standing == 0) return store_.evaluate(question, entry.asked);
  return store_.answer(entry.standing, entry.asked);
}

// Keeps it answered from now on, if that is allowed.
void Questions::keep(Entry& entry, const tsdb::Question& question) {
  if (!entry.watches.empty()) return;
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
  if (!entry.watches.empty()) return watched_;
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

Finding Questions::learn(Entry& entry, const tsdb::Answer& answer) {
  if (entry.resets != store_.resets()) {
    entry.resets = store_.resets();
    entry.last.reset();
    entry.newest = {};
  }
  if (answer.state == tsdb::Answer::State::value) entry.last = answer.value;
  entry.newest = std::max(entry.newest, answer.newest);
  Finding finding{answer, entry.last};
  finding.answer.newest = entry.newest;
  const bool silent = answer.state == tsdb::Answer::State::absent && entry.last.has_value();
  if (silent) finding.answer.state = tsdb::Answer::State::stale;
  return finding;
}

// The store reports at once.
void Questions::subscribe(Entry& entry, const tsdb::Question& question) {
  entry.standing = store_.subscribe(
      question, [this, &entry](const tsdb::Answer& answer) { report(entry, answer); },
      clock_.now());
}

void Questions::report(Entry& entry, const tsdb::Answer& answer) {
  entry.current = learn(entry, answer);
  // From the end, so that one may end itself: the last then takes its place, and has heard it.
  for (std::size_t i = entry.watches.size(); i > 0; --i) entry.watches[i - 1]->found(entry.current);
}

void Questions::end(Watch& watch) {
  Entry& entry = *watch.entry_;
  entry.watches[watch.position_] = entry.watches.back();
  entry.watches[watch.position_]->position_ = watch.position_;
  entry.watches.pop_back();
  --watches_;
  if (!entry.watches.empty()) return;
  store_.unsubscribe(entry.standing);
  entry.standing = 0;
  entry.watches = {};
  recent_.splice(recent_.begin(), watched_, entry.self);
  forget_oldest();
}

}  // namespace server
