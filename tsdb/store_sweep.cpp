#include <algorithm>
#include <utility>
#include <vector>

#include "tsdb/store_state.h"

namespace tsdb {

// Returns how many samples went.
std::size_t Store::State::drop_before(Series& series, Timestamp from) {
  const std::size_t dropped = series.samples.drop_before(from);
  if (dropped > 0) series.drop_starts_before(from);
  if (dropped > 0 && series.histograms != 0) histograms.drop_before(series, from);
  return dropped;
}

std::size_t Store::State::sweep(Timestamp now, std::size_t series_max) {
  admission.shrunk(bytes_of_all());
  const auto& metrics_by_name = index.metrics();
  auto next = metrics_by_name.lower_bound(sweep_metric);
  if (next == metrics_by_name.end() || next->first != sweep_metric) sweep_position = 0;
  std::size_t budget = series_max;
  // Once around; the metric in whose middle it begins comes twice.
  for (std::size_t left = metrics_by_name.size() + (sweep_position > 0 ? 1 : 0);
       left > 0 && budget > 0; --left) {
    if (next == metrics_by_name.end()) next = metrics_by_name.begin();
    if (next == metrics_by_name.end()) break;
    const auto current = next++;
    budget -= sweep(*current->second, now, budget);
    if (sweep_position > 0) {  // the budget ended inside this metric
      sweep_metric = current->first;
      return series_max - budget;
    }
    index.tidy(*current->second);
  }
  sweep_metric = next == metrics_by_name.end() ? std::string() : next->first;
  return series_max - budget;
}

// Sweeps from sweep_position on, which is left where the budget ended, or at 0. Returns how many
// series it looked at.
std::size_t Store::State::sweep(Metric& metric, Timestamp now, std::size_t budget) {
  std::vector<Series*> gone;
  std::size_t looked = 0;
  std::size_t position = std::exchange(sweep_position, 0);
  while (position < metric.series.size() && looked < budget) {
    ++looked;
    Series& series = *metric.series[position];
    const Timestamp from = now - metric.retention;
    if (series.newest() < from) {
      gone.push_back(
          index.take(metric, position));  // with its samples: they say when it was silent
      continue;
    }
    samples -= drop_before(series, from);
    samples_bytes -= series.samples.bytes();
    series.samples.shrink();
    samples_bytes += series.samples.bytes();
    ++position;
  }
  if (position < metric.series.size()) sweep_position = position;
  let_go(metric, gone);
  return looked;
}

void Store::State::let_go(Metric& metric, const std::vector<Series*>& gone) {
  if (gone.empty()) return;
  ++removals;
  shared.series -= gone.size();
  for (Series* series : gone) {
    standing.detach(*series);
    samples -= series->samples.size();
    samples_bytes -= series->samples.bytes();
    if (series->histograms != 0) histograms.release(*series);
    index.destroy(series);
  }
  if (index.drop_spellings(metric)) standing.recollect(metric);
}

std::size_t Store::sweep(Timestamp now, std::size_t series_max) {
  return state_->sweep(now, series_max);
}

void Store::tick(Timestamp now) {
  state_->written.publish();
  state_->wrong_clocks.forget(now);
  state_->overlaps.forget(now);
}

void Store::reset() {
  state_->written.publish();
  std::vector<Metric*> metrics;
  for (const auto& [folded, metric] : state_->index.metrics()) metrics.push_back(metric.get());
  for (Metric* metric : metrics) {
    std::vector<Series*> gone;
    while (!metric->series.empty())
      gone.push_back(state_->index.take(*metric, metric->series.size() - 1));
    state_->let_go(*metric, gone);
    state_->index.tidy(*metric);
  }
  state_->publish_sizes();
}

}  // namespace tsdb
