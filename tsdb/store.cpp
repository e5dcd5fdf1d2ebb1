#include "tsdb/store.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tsdb/evaluate.h"
#include "tsdb/restore.h"
#include "tsdb/selector.h"
#include "tsdb/store_state.h"

namespace tsdb {

Limits limits_of(const Options& options) {
  return {.series_max = options.series_max,
          .series_per_resource_max = options.series_per_resource_max,
          .bytes_max = options.bytes_max,
          .labels = {options.labels_per_series_max, options.label_bytes_max}};
}

Store::Store(Options options, std::size_t shard, SharedByShards& shared,
             base::metrics::Registry& metrics)
    : state_(std::make_unique<State>(options, shard, shared, metrics)) {}

Store::~Store() = default;

void Store::describe(const Series& series, const MetadataView& said) {
  auto& metadata = series.spelling->metric->metadata;
  if (!metadata) metadata = std::make_unique<Metadata>();
  metadata->set(said);
}

void Store::describe(std::string_view metric, const MetadataView& said) {
  const Metric* known = state_->index.metric(fold_name(metric));
  if (known && !known->series.empty()) describe(*known->series.front(), said);
}

void Store::publish(Timestamp now, News& news) {
  state_->standing.publish(now, news.parts);
  state_->tell_notes(news);
  state_->publish_sizes();
}

PartialAnswer Store::evaluate(const Question& question, Timestamp now) const {
  std::vector<Series*> matching;
  const Selector selector(question.query.matchers);
  const Metric* metric = state_->index.metric(fold_name(question.query.metric));
  if (metric == nullptr) return {};
  std::ranges::copy_if(metric->series, std::back_inserter(matching), [&](const Series* series) {
    return metric->answers(question.query.metric, *series) &&
           selector.matches([series](std::string_view name) { return label_of(*series, name); });
  });
  PartialAnswer part =
      partial_answer(question, matching, question.window.value_or(state_->options.retention), now);
  part.exact = metric->spellings.contains(question.query.metric);
  return part;
}

std::vector<HistogramRow> Store::histograms(const MetricQuery& query,
                                            std::optional<Duration> window, Timestamp now,
                                            std::size_t rows_max) const {
  const Timestamp from = now - window.value_or(state_->options.retention);
  return histograms_of(state_->index, state_->histograms, query, from, rows_max);
}

HistogramIncrease Store::histogram_increase(const MetricQuery& query,
                                            std::optional<Duration> window, Timestamp now) const {
  const Timestamp from = now - window.value_or(state_->options.retention);
  return increase_of(state_->index, state_->histograms, query, from);
}

std::optional<WrongClock> Store::wrong_clock(const Question& question, Timestamp now) const {
  const Duration window = question.window.value_or(state_->options.retention);
  return state_->wrong_clocks.of(question, now - window);
}

std::vector<WrongClock> Store::wrong_clocks() const {
  return state_->wrong_clocks.list();
}

std::vector<Overlap> Store::overlaps() const {
  return state_->overlaps.list();
}

NumberedPart Store::stand(std::shared_ptr<StandingAnswer> whole, Timestamp now) {
  NumberedPart part = state_->standing.add(std::move(whole), now);
  state_->publish_sizes();
  return part;
}

void Store::end_standing(StandingId id) {
  state_->standing.remove(id);
  state_->publish_sizes();
}

std::optional<NumberedPart> Store::part(StandingId id, Timestamp now) {
  return state_->standing.part(id, now);
}

NameSlice Store::names(std::string_view from, std::size_t limit) const {
  return names_from(state_->index, from, limit);
}

std::optional<std::string> Store::metric_from(std::string_view name) const {
  return tsdb::metric_from(state_->index, name);
}

std::size_t Store::list_series(std::string_view metric, std::size_t left, ListingRoom& room,
                               std::vector<SeriesRow>& rows) const {
  return tsdb::list_series(state_->index, metric, left, room, rows);
}

MetadataSlice Store::metadata(std::string_view from, std::size_t limit) const {
  return metadata_from(state_->index, from, limit);
}

std::vector<Metadata> Store::metadata_of(std::string_view name) const {
  return tsdb::metadata_of(state_->index, name);
}

std::optional<Place> Store::count(const Place& from, std::size_t labels_max,
                                  Cardinality& into) const {
  return count_from(state_->index, from, labels_max, into);
}

std::size_t Store::series_count() const {
  return state_->index.size();
}

std::optional<Place> Store::write_block(const Place& from, std::size_t bytes_max,
                                        std::string& block) const {
  return tsdb::write_block({state_->index, state_->histograms}, from, bytes_max, block);
}

Restored Store::restore(const Snapshot& snapshot, const std::function<bool(std::string_view)>& ours,
                        Timestamp now) {
  const std::size_t other_bytes = state_->shared.bytes - state_->bytes_told;
  Restorer restorer({.index = state_->index,
                     .histograms = state_->histograms,
                     .standing = state_->standing,
                     .admission = state_->admission,
                     .other_bytes = other_bytes},
                    ours, state_->options.ahead_max, now);
  snapshot.visit(restorer);
  state_->samples += restorer.restored().samples;
  state_->samples_bytes += restorer.restored().bytes;
  state_->publish_sizes();
  return restorer.restored();
}

Footprint Store::footprint() const {
  return state_->footprint();
}

const Options& Store::options() const {
  return state_->options;
}

void Store::State::tell_notes(News& news) {
  if (!clock_notes.empty()) news.clocks = std::exchange(clock_notes, {});
  if (!overlap_notes.empty()) news.overlaps = std::exchange(overlap_notes, {});
  news.limits = admission.news();
}

void Store::State::publish_sizes() {
  const Footprint now = footprint();
  metrics.publish({.series = index.size(),
                   .samples = samples,
                   .histograms = histograms.points(),
                   .footprint = now});
  shared.bytes += now.total() - bytes_told;  // wraps where it is less
  bytes_told = now.total();
  shared.links += standing.links() - links_told;  // likewise
  links_told = standing.links();
}

Footprint Store::State::footprint() const {
  Footprint all = index.footprint();
  all.samples = samples_bytes + histograms.bytes();
  return all;
}

// Of all shards, as far as the others have told.
std::size_t Store::State::bytes_of_all() const {
  return shared.bytes - bytes_told + footprint().total();
}

}  // namespace tsdb
