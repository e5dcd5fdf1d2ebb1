#include "tsdb/standing_answer.h"

#include <algorithm>
#include <utility>

namespace tsdb {
namespace {

Answer but_for_newest(Answer answer) {
  answer.newest = {};
  return answer;
}

}  // namespace

StandingAnswer::StandingAnswer(StandingId number, Question asked, const Lookback& back,
                               std::size_t shards, Report report)
    : id(number),
      question(std::move(asked)),
      window(back.window),
      kept_since_(back.kept_since),
      report_(std::move(report)),
      parts_(shards),
      numbers_(shards) {}

void StandingAnswer::put(std::size_t shard, const NumberedPart& part) {
  const base::Lock lock(mutex_);
  if (part.number <= numbers_[shard]) return;
  numbers_[shard] = part.number;
  parts_[shard] = part.part;
}

ShardSet StandingAnswer::refold(Timestamp now, ShardSet asked) {
  const base::Lock lock(mutex_);
  return refold_locked(now, asked);
}

ShardSet StandingAnswer::refold_locked(Timestamp now, ShardSet asked) {
  if (const ShardSet due = overdue(now, asked); !due.empty()) return due;
  const PartialAnswer all = merged(parts_);
  Evaluation fresh = answer_of(question.query.aggregation, all);
  remember(fresh.answer);
  if (fresh.answer.state == Answer::State::stale) {
    if (const ShardSet again = watching().without(asked); !again.empty()) return again;
    explain_silence(fresh, all, {window, kept_since_}, now);
  }
  current_ = fresh;
  return ShardSet{};
}

ShardSet StandingAnswer::watching() const {
  ShardSet watching;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].present.watches_resources || parts_[i].departed.watches_resources)
      watching = watching | ShardSet::of(i);
  }
  return watching;
}

ShardSet StandingAnswer::overdue(Timestamp now, ShardSet asked) const {
  ShardSet due(marked_.load());
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (now > parts_[i].fold.good_until) due = due | ShardSet::of(i);
  }
  return due.without(asked);
}

// What a fresh evaluation cannot know: what once was there has become stale, not absent.
void StandingAnswer::remember(Answer& fresh) {
  const bool once = fresh.matched > 0 ? valued_ : matched_;
  if (fresh.state == Answer::State::absent && once) fresh.state = Answer::State::stale;
  matched_ = matched_ || fresh.matched > 0;
  valued_ = valued_ || fresh.state != Answer::State::absent;
  fresh.newest = std::max(fresh.newest, current_.answer.newest);
}

Answer StandingAnswer::current() const {
  const base::Lock lock(mutex_);
  return current_.answer;
}

bool StandingAnswer::has_news(Change change) const {
  if (change == Change::any) return current_.answer != reported_;
  return but_for_newest(current_.answer) != but_for_newest(reported_);
}

void StandingAnswer::tell(Change change) {
  for (bool mine = false;; mine = true) {
    Answer news;
    {
      const base::Lock lock(mutex_);
      if (reporting_ && !mine) return;  // who does will see what is new
      reporting_ = is_open_ && has_news(change);
      if (!reporting_) return;
      news = reported_ = current_.answer;
    }
    report_(news);
  }
}

void StandingAnswer::open() {
  Answer first;
  {
    const base::Lock lock(mutex_);
    is_open_ = true;
    reporting_ = true;
    first = reported_ = current_.answer;
  }
  report_(first);
  {
    const base::Lock lock(mutex_);
    reporting_ = false;
  }
  tell(Change::answer);
}

void StandingAnswer::close() {
  const base::Lock lock(mutex_);
  is_open_ = false;
}

}  // namespace tsdb
