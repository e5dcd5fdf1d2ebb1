#include "tsdb/standing.h"

#include <algorithm>
#include <utility>

namespace tsdb {
namespace {

Answer but_for_newest(Answer answer) {
  answer.newest = {};
  return answer;
}

// What a fresh evaluation cannot know: what once was there has become stale, not absent.
void remember(StandingQuery& query, Answer& fresh) {
  const bool once = fresh.matched > 0 ? query.valued : query.matched;
  if (fresh.state == Answer::State::absent && once) fresh.state = Answer::State::stale;
  query.matched = query.matched || fresh.matched > 0;
  query.valued = query.valued || fresh.state != Answer::State::absent;
  fresh.newest = std::max(fresh.newest, query.current.answer.newest);
}

}  // namespace

StandingId StandingQueries::add(Question question, Report report, Timestamp now) {
  const auto query = std::make_shared<StandingQuery>(
      StandingQuery{.id = ++last_id_,
                    .question = question,
                    .window = question.window.value_or(retention_),
                    .selector = Selector(question.query.matchers),
                    .report = std::move(report),
                    .metric = &index_.metric_or_new(fold_name(question.query.metric))});
  queries_.emplace(query->id, query);
  query->metric->standing.push_back(query.get());
  widen(*query->metric);
  collect(*query);
  refresh(*query, now);
  query->reported = query->current.answer;
  query->report(query->reported);
  return query->id;
}

void StandingQueries::remove(StandingId id) {
  const auto found = queries_.find(id);
  if (found == queries_.end()) return;
  const auto query = found->second;
  queries_.erase(found);
  unlink_all(*query);
  std::erase(query->metric->standing, query.get());
  widen(*query->metric);
  index_.tidy(*query->metric);
}

void StandingQueries::attach(Series& series) {
  Metric& metric = *series.spelling->metric;
  // The first of an exact spelling takes the place of the others.
  if (series.spelling->series == 1) return recollect(metric);
  for (auto* query : metric.standing) {
    if (takes(*query, series)) link(*query, series);
  }
}

const Answer& StandingQueries::answer(StandingId id, Timestamp now) {
  StandingQuery& query = *queries_.at(id);
  if (query.dirty || now > query.current.good_until.value_or(now)) {
    refresh(query, now);
    mark(query);  // who listens has not heard it yet
  }
  return query.current.answer;
}

void StandingQueries::touch(const Series& series) {
  if (!series.watchers) return;
  for (const Watcher& watcher : *series.watchers) {
    touch(*watcher.query, watcher.number);
    mark(*watcher.query);
  }
}

void StandingQueries::touch(StandingQuery& query, std::uint32_t number) {
  if (query.is_touched[number]) return;
  query.is_touched[number] = true;
  query.touched.push_back(number);
}

void StandingQueries::detach(Series& series) {
  if (!series.watchers) return;
  for (const Watcher& watcher : *series.watchers) {
    watcher.query->departed.add(series, index_.sets());
    unlink(*watcher.query, watcher.number);
    mark(*watcher.query);
  }
  series.watchers.reset();
}

// The last series takes its number.
void StandingQueries::unlink(StandingQuery& query, std::uint32_t number) {
  const auto last = static_cast<std::uint32_t>(query.series.size() - 1);
  if (number != last) {
    Series& moved = *query.series[last];
    query.series[number] = &moved;
    for (Watcher& watcher : *moved.watchers) {
      if (watcher.query == &query && watcher.number == last) watcher.number = number;
    }
    query.contributions.set(number, query.contributions[last]);
    if (query.is_touched[last]) touch(query, number);
  }
  query.series.pop_back();
  query.contributions.pop_back();
  query.is_touched.pop_back();
  --links_;
}

void StandingQueries::recollect(Metric& metric) {
  for (auto* query : metric.standing) {
    unlink_all(*query);
    collect(*query);
    mark(*query);
  }
}

void StandingQueries::publish(Timestamp now) {
  for (const StandingId id : std::exchange(dirty_, {})) {
    const auto found = queries_.find(id);
    if (found == queries_.end()) continue;
    const auto query = found->second;  // a report may end its own query
    refresh(*query, now);
    if (but_for_newest(query->current.answer) == but_for_newest(query->reported)) continue;
    query->reported = query->current.answer;
    query->report(query->reported);
  }
}

void StandingQueries::tick(Timestamp now) {
  dirty_.clear();
  for (auto next = queries_.begin(); next != queries_.end();) {
    const auto query = next->second;
    if (query->dirty || now > query->current.good_until.value_or(now)) refresh(*query, now);
    if (query->current.answer != query->reported) {
      query->reported = query->current.answer;
      query->report(query->reported);
    }
    next = queries_.upper_bound(query->id);
  }
}

bool StandingQueries::takes(const StandingQuery& query, const Series& series) const {
  return query.metric->answers(query.question.query.metric, series) &&
         query.selector.matches(
             [&series](std::string_view name) { return label_of(series, name); });
}

void StandingQueries::link(StandingQuery& query, Series& series) {
  const auto number = static_cast<std::uint32_t>(query.series.size());
  query.series.push_back(&series);
  query.contributions.push_back({});
  query.is_touched.push_back(false);
  touch(query, number);
  if (!series.watchers) series.watchers = std::make_unique<std::vector<Watcher>>();
  series.watchers->push_back({&query, number});
  ++links_;
}

void StandingQueries::unlink_all(StandingQuery& query) {
  links_ -= query.series.size();
  for (Series* series : std::exchange(query.series, {})) {
    std::erase_if(*series->watchers, [&](const Watcher& w) { return w.query == &query; });
    if (series->watchers->empty()) series->watchers.reset();
  }
  query.contributions.clear();
  query.touched.clear();
  query.is_touched.clear();
}

void StandingQueries::collect(StandingQuery& query) {
  for (Series* series : query.metric->series) {
    if (!series->dropped && takes(query, *series)) link(query, *series);
  }
}

void StandingQueries::mark(StandingQuery& query) {
  if (query.dirty) return;
  query.dirty = true;
  dirty_.push_back(query.id);
}

void StandingQueries::refresh(StandingQuery& query, Timestamp now) {
  Evaluation fresh =
      answer_of(query.question.query.aggregation, fold_of(query, now), query.series.size());
  remember(query, fresh.answer);
  query.departed.forget_before(fresh.answer.newest - query.window);
  if (fresh.answer.state == Answer::State::stale) {
    Silence silence(query.window, now);
    silence.add(query.series);
    silence.add(query.departed);
    explain_silence(fresh, silence, now);
  }
  query.current = fresh;
  query.dirty = false;
}

// Looks only at series that something or time has changed.
const Fold& StandingQueries::fold_of(StandingQuery& query, Timestamp now) {
  const auto renew = [&](std::size_t number) {
    query.contributions.set(number, contribution_of(query.question.operation, *query.series[number],
                                                    query.window, now));
  };
  if (now < query.evaluated) {  // the clock was set back: what had left a window is in it again
    for (std::size_t number = 0; number < query.series.size(); ++number) renew(number);
  }
  query.evaluated = now;
  for (const std::uint32_t number : std::exchange(query.touched, {})) {
    if (number >= query.series.size() || !query.is_touched[number]) continue;  // it has gone
    query.is_touched[number] = false;
    renew(number);
  }
  query.contributions.refresh();
  query.contributions.each_overdue(now, renew);
  return query.contributions.refresh();
}

void StandingQueries::widen(Metric& metric) {
  metric.retention = retention_;
  for (const auto* query : metric.standing)
    metric.retention = std::max(metric.retention, query->window);
}

}  // namespace tsdb
