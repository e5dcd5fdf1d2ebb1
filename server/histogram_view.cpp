#include "server/histogram_view.h"

#include <fmt/format.h>

#include <cmath>

#include "base/time.h"

namespace server {
namespace {

// As Prometheus prints a sample's value.
std::string number_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", number);
}

json::Array bucket_of(const tsdb::Bucket& bucket) {
  return {static_cast<int>(bucket.edges), number_text(bucket.lower), number_text(bucket.upper),
          std::to_string(bucket.count)};
}

template <class T>
json::Value value_or_null(const std::optional<T>& histogram) {
  return histogram ? to_json(tsdb::Histogram(*histogram)) : json::Value(nullptr);
}

}  // namespace

json::Value to_json(const tsdb::Histogram& histogram) {
  const tsdb::Observed& all = tsdb::observed(histogram);
  json::Array buckets;
  for (const auto& bucket : tsdb::buckets_of(histogram)) buckets.emplace_back(bucket_of(bucket));
  return json::Object{{"count", std::to_string(all.count)},
                      {"sum", all.sum ? json::Value(number_text(*all.sum)) : json::Value(nullptr)},
                      {"buckets", std::move(buckets)}};
}

json::Value to_json(const tsdb::HistogramRow& row) {
  json::Object labels;
  for (const auto& [name, value] : row.labels) labels[name] = value;
  const auto& [time, histogram] = row.points.back();
  return json::Object{{"metric", row.metric},
                      {"labels", std::move(labels)},
                      {"time", base::format_time_ns(time)},
                      {"points", row.points.size()},
                      {"histogram", to_json(histogram)}};
}

json::Value to_json(const tsdb::HistogramIncrease& increase) {
  return json::Object{{"series", increase.series},
                      {"exact", increase.exact},
                      {"explicit", value_or_null(increase.bounded)},
                      {"exponential", value_or_null(increase.exponential)}};
}

}  // namespace server
