#include "tsdb/standing.h"

#include <algorithm>
#include <utility>

namespace tsdb {
NumberedPart StandingQueries::add(std::shared_ptr<StandingAnswer> whole, Timestamp now) {
  const Question& question = whole->question;
  const auto query = std::make_shared<StandingQuery>(
      StandingQuery{.whole = whole,
                    .selector = Selector(question.query.matchers),
                    .metric = &index_.metric_or_new(fold_name(question.query.metric))});
  queries_.emplace(whole->id, query);
  query->metric->standing.push_back(query.get());
  widen(*query->metric);
  collect(*query);
  return refresh(*query, now);
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

std::optional<NumberedPart> StandingQueries::part(StandingId id, Timestamp now) {
  const auto found = queries_.find(id);
  if (found == queries_.end()) return std::nullopt;
  return refresh(*found->second, now);
}

void StandingQueries::touch(const Series& series) {
  for (const Watcher& watcher : series.watchers()) {
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
  for (const Watcher& watcher : series.watchers()) {
    watcher.query->departed.add(series, index_.sets());
    unlink(*watcher.query, watcher.number);
    mark(*watcher.query);
  }
  series.unwatch_all();
}

// The last series takes its number.
void StandingQueries::unlink(StandingQuery& query, std::uint32_t number) {
  const auto last = static_cast<std::uint32_t>(query.series.size() - 1);
  if (number != last) {
    Series& moved = *query.series[last];
    query.series[number] = &moved;
    for (Watcher& watcher : moved.watchers()) {
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

void StandingQueries::publish(Timestamp now, std::vector<ChangedPart>& changed) {
  for (const StandingId id : std::exchange(dirty_, {})) {
    const auto found = queries_.find(id);
    if (found == queries_.end() || !found->second->dirty) continue;
    changed.push_back({found->second->whole, refresh(*found->second, now)});
  }
}

bool StandingQueries::takes(const StandingQuery& query, const Series& series) const {
  return query.metric->answers(query.whole->question.query.metric, series) &&
         query.selector.matches(
             [&series](std::string_view name) { return label_of(series, name); });
}

void StandingQueries::link(StandingQuery& query, Series& series) {
  const auto number = static_cast<std::uint32_t>(query.series.size());
  query.series.push_back(&series);
  query.contributions.push_back({});
  query.is_touched.push_back(false);
  touch(query, number);
  series.watch({&query, number});
  ++links_;
}

void StandingQueries::unlink_all(StandingQuery& query) {
  links_ -= query.series.size();
  for (Series* series : std::exchange(query.series, {})) series->unwatch(query);
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
  query.whole->mark(shard_);
  dirty_.push_back(query.whole->id);
}

NumberedPart StandingQueries::refresh(StandingQuery& query, Timestamp now) {
  const Duration window = query.whole->window;
  PartialAnswer part{.fold = fold_of(query, now),
                     .matched = static_cast<std::uint32_t>(query.series.size()),
                     .exact = query.metric->spellings.contains(query.whole->question.query.metric)};
  query.newest = std::max(query.newest, part.fold.newest);
  query.departed.forget_before(query.newest - window);
  if (part.fold.count == 0) {
    Silence present(window, now);
    present.add(query.series);
    part.present = present.evidence();
    Silence departed(window, now);
    departed.add(query.departed);
    part.departed = departed.evidence();
  }
  query.dirty = false;
  query.whole->unmark(shard_);
  return {++query.parts, part};
}

// Looks only at series that something or time has changed.
const Fold& StandingQueries::fold_of(StandingQuery& query, Timestamp now) {
  const auto renew = [&](std::size_t number) {
    query.contributions.set(number,
                            contribution_of(query.whole->question.operation, *query.series[number],
                                            query.whole->window, now));
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
    metric.retention = std::max(metric.retention, query->whole->window);
}

}  // namespace tsdb
