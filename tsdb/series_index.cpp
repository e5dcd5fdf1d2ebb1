#include "tsdb/series_index.h"

#include <xxhash.h>

#include <algorithm>
#include <array>

#include "tsdb/metric_query.h"

namespace tsdb {
namespace {

// A scope is kept as one more label set; no attribute has these names.
constexpr std::string_view scope_name{"\0name", 5};
constexpr std::string_view scope_version{"\0version", 8};

// Senders have one or two ways to write the same labels; more are somebody's whim, and are looked
// up by the labels themselves.
constexpr std::size_t digests_per_series_max = 8;

}  // namespace

bool Metric::answers(std::string_view name, const Series& one) const {
  if (one.spelling->name == name) return true;
  return !spellings.contains(name);
}

SeriesIndex::~SeriesIndex() {
  for (const auto& [folded, metric] : metrics_) {
    for (Series* series : metric->series) destroy(series);
  }
}

SeriesIndex::Identity SeriesIndex::identify(const SeriesView& view) {
  Identity identity;
  identity.resource = last_resource_.find(view.resource);
  scope_labels_.assign(view.scope.begin(), view.scope.end());
  scope_labels_.push_back({scope_name, view.scope_name});
  scope_labels_.push_back({scope_version, view.scope_version});
  identity.scope = last_scope_.find(scope_labels_);
  identity.metric = view.metric;
  identity.attributes = last_attributes_.find(view.attributes);
  identity.hash = hash_of(identity);
  identity.repeated =
      last_resource_.repeated() || last_scope_.repeated() || last_attributes_.repeated();
  return identity;
}

SeriesIndex::Identity SeriesIndex::identity_of(const Series& series) {
  return identity_of(*series.resource, *series.scope, series.spelling->name, *series.attributes);
}

SeriesIndex::Identity SeriesIndex::identity_of(LabelSet& resource, LabelSet& scope,
                                               std::string_view metric, LabelSet& attributes) {
  Identity identity{
      .resource = &resource, .scope = &scope, .metric = metric, .attributes = &attributes};
  identity.hash = hash_of(identity);
  return identity;
}

std::uint64_t SeriesIndex::hash_of(const Identity& identity) {
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;
  const std::uint64_t sets =
      (identity.resource->hash * odd + identity.scope->hash) * odd + identity.attributes->hash;
  return XXH3_64bits_withSeed(identity.metric.data(), identity.metric.size(), sets);
}

bool SeriesIndex::same(const Identity& identity, const Series& series) {
  return identity.resource == series.resource && identity.scope == series.scope &&
         identity.attributes == series.attributes && identity.metric == series.spelling->name;
}

Series* SeriesIndex::find(const Identity& identity) const {
  const auto found = table_.find(identity);
  return found == table_.end() ? nullptr : found->series;
}

Series& SeriesIndex::add(const Identity& identity, Spelling* spelling) {
  auto owned = std::make_unique<Series>();
  owned->spelling = spelling ? spelling : &spelling_or_new(identity.metric);
  owned->resource = sets_.hold(identity.resource);
  owned->scope = sets_.hold(identity.scope);
  owned->attributes = sets_.hold(identity.attributes);
  Series* series = owned.release();  // destroy() gives it back
  series->spelling->metric->series.push_back(series);
  ++series->spelling->series;
  ++series->resource->series;
  table_.insert(Entry{identity.hash, series});
  return *series;
}

void SeriesIndex::learn(const Digest& digest, Series& series) {
  if (candidate(digest) != nullptr) return;
  if (!series.digested) {
    series.digest = digest;
    series.digested = true;
  } else {
    auto& more = more_digests_[&series];
    if (more.size() + 1 >= digests_per_series_max) return;
    more.push_back(digest);
  }
  digests_.put(digest.low, &series);
}

bool SeriesIndex::is_another(const Series& series, const Digest& digest) const {
  const auto more = more_digests_.find(&series);
  return more != more_digests_.end() &&
         std::ranges::find(more->second, digest) != more->second.end();
}

void SeriesIndex::unlearn(Series& series) {
  if (!series.digested) return;
  digests_.erase(series.digest.low);
  const auto more = more_digests_.find(&series);
  if (more == more_digests_.end()) return;
  for (const Digest& digest : more->second) digests_.erase(digest.low);
  more_digests_.erase(more);
}

// The lists of the metrics are taken to be full by three quarters, as vectors are that double.
Footprint SeriesIndex::footprint() const {
  constexpr std::size_t listed_bytes = sizeof(Series*) * 4 / 3;
  return {.identity = size() * block_bytes(sizeof(Series)) + sets_.bytes(),
          .index = table_bytes(table_) + digests_.bytes() + size() * listed_bytes};
}

Series* SeriesIndex::take(Metric& metric, std::size_t position) {
  Series* series = metric.series[position];
  metric.series[position] = metric.series.back();
  metric.series.pop_back();
  if (metric.series.size() < metric.series.capacity() / 8) metric.series.shrink_to_fit();
  table_.erase(table_.find(Entry{identity_of(*series).hash, series}));
  shrink_table(table_);
  unlearn(*series);
  --series->spelling->series;
  --series->resource->series;
  series->dropped = true;
  return series;
}

void SeriesIndex::destroy(Series* series) {
  sets_.release(series->resource);
  sets_.release(series->scope);
  sets_.release(series->attributes);
  delete series;
}

bool SeriesIndex::drop_spellings(Metric& metric) {
  return std::erase_if(metric.spellings,
                       [](const auto& entry) { return entry.second.series == 0; }) > 0;
}

void SeriesIndex::tidy(Metric& metric) {
  if (metric.series.empty() && metric.standing.empty()) metrics_.erase(metric.folded);
}

Metric* SeriesIndex::metric(std::string_view folded) const {
  const auto found = metrics_.find(folded);
  return found == metrics_.end() ? nullptr : found->second.get();
}

Metric& SeriesIndex::metric_or_new(std::string_view folded) {
  if (auto* known = metric(folded)) return *known;
  auto made =
      std::make_unique<Metric>(Metric{.folded = std::string(folded), .retention = retention_});
  return *metrics_.emplace(made->folded, std::move(made)).first->second;
}

Spelling& SeriesIndex::spelling_or_new(std::string_view name) {
  Metric& metric = metric_or_new(fold_name(name));
  auto& spelling = metric.spellings[std::string(name)];
  if (!spelling.metric) spelling = {std::string(name), &metric, 0};
  return spelling;
}

}  // namespace tsdb
