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

void StandingQueries::touch(const Series& series) {
  if (!series.watchers) return;
  for (auto* query : *series.watchers) mark(*query);
}

void StandingQueries::detach_dropped(Metric& metric) {
  for (auto* query : metric.standing) {
    const auto gone = std::erase_if(query->series, [&](const Series* series) {
      if (series->dropped) query->departed.add(*series, index_.sets());
      return series->dropped;
    });
    if (gone > 0) mark(*query);
  }
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
  query.series.push_back(&series);
  if (!series.watchers) series.watchers = std::make_unique<std::vector<StandingQuery*>>();
  series.watchers->push_back(&query);
}

void StandingQueries::unlink_all(StandingQuery& query) {
  for (Series* series : std::exchange(query.series, {})) {
    std::erase(*series->watchers, &query);
    if (series->watchers->empty()) series->watchers.reset();
  }
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
  Evaluation fresh = evaluate(query.question, query.series, query.window, now);
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

void StandingQueries::widen(Metric& metric) {
  metric.retention = retention_;
  for (const auto* query : metric.standing)
    metric.retention = std::max(metric.retention, query->window);
}

}  // namespace tsdb
