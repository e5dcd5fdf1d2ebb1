#include <utility>

#include "server/handlers.h"
#include "tsdb/cardinality.h"

namespace server {
namespace {

constexpr std::int64_t limit_max = 1'000;
constexpr std::int64_t limit_default = 10;  // Prometheus'
// The ingest thread counts so many labels before it goes on with its own work.
constexpr std::size_t labels_per_ask = 10'000;

struct Counted {
  tsdb::Cardinality all;
  std::optional<tsdb::Place> next;
};

Task<Result<tsdb::Cardinality>> count_all(std::shared_ptr<RestState> rest) {
  Counted counted{.next = tsdb::Place{}};
  while (counted.next) {
    auto ask = [so_far = std::move(counted)](const tsdb::Store& store) mutable {
      so_far.next = store.count(*so_far.next, labels_per_ask, so_far.all);
      return std::move(so_far);
    };
    CO_TRY(counted, co_await ask_store(rest, std::move(ask)));
  }
  co_return std::move(counted.all);
}

json::Array ranked(const std::vector<tsdb::Ranked>& rows) {
  json::Array array;
  for (const auto& row : rows)
    array.push_back(json::Object{{"name", row.name}, {"value", row.value}});
  return array;
}

std::int64_t milliseconds(Timestamp time) {
  return time.ns / 1'000'000;
}

json::Object head_of(const tsdb::CardinalityReport& report) {
  return {{"numSeries", report.series},
          {"numSamples", report.samples},
          {"numLabelPairs", report.label_pairs},
          {"chunkCount", report.series},  // the samples of a series lie in one piece
          {"minTime", milliseconds(report.oldest)},
          {"maxTime", milliseconds(report.newest)}};
}

json::Object bytes_of(const tsdb::Footprint& footprint) {
  return {
      {"identity", footprint.identity}, {"index", footprint.index}, {"samples", footprint.samples}};
}

json::Object limits_of(const tsdb::Options& options) {
  return {{"series", options.series_max},
          {"seriesPerResource", options.series_per_resource_max},
          {"bytes", options.bytes_max}};
}

}  // namespace

// What Prometheus has keeps its names; resources, bytes and limits are ours.
Task<Result<Response>> show_store_status(Call call) {
  CO_TRY(const auto limit, int_parameter(call.request, "limit", limit_default, {1, limit_max}));
  CO_TRY(const auto all, co_await count_all(call.rest));
  CO_TRY(const auto size, co_await ask_store(call.rest, [](const tsdb::Store& store) {
           return std::pair(store.footprint(), store.options());
         }));
  const tsdb::CardinalityReport report = all.report(static_cast<std::size_t>(limit));
  co_return json_response(json::Object{
      {"status", "success"},
      {"data", json::Object{{"headStats", head_of(report)},
                            {"seriesCountByMetricName", ranked(report.series_by_metric)},
                            {"labelValueCountByLabelName", ranked(report.values_by_label)},
                            {"memoryInBytesByLabelName", ranked(report.bytes_by_label)},
                            {"seriesCountByLabelValuePair", ranked(report.series_by_pair)},
                            {"seriesCountByResource", ranked(report.series_by_resource)},
                            {"truncated", report.truncated},
                            {"bytes", bytes_of(size.first)},
                            {"limits", limits_of(size.second)}}}});
}

}  // namespace server
