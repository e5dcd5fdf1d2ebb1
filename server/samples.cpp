#include "server/samples.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace server {
namespace {

using Samples = std::vector<std::pair<Timestamp, double>>;

std::int64_t whole_seconds(Timestamp t) {
  return t.ns / std::chrono::nanoseconds(std::chrono::seconds(1)).count();
}

json::Value number(double value) {
  return std::isfinite(value) ? json::Value(value) : json::Value(nullptr);
}

// A drop is a counter that began anew: all of the new value is increase.
double rate(const Samples& samples) {
  const double span = base::seconds(samples.back().first - samples.front().first);
  if (span <= 0) return 0;
  double increase = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const double before = samples[i - 1].second;
    const double after = samples[i].second;
    increase += after >= before ? after - before : after;
  }
  return increase / span;
}

double sum(const Samples& samples) {
  double total = 0;
  for (const auto& [at, value] : samples) total += value;
  return total;
}

json::Object aggregates(const Samples& samples) {
  if (samples.empty()) return {};
  const auto by_value = [](const auto& sample) { return sample.second; };
  const auto count = static_cast<double>(samples.size());
  return {{"avg", number(sum(samples) / count)},
          {"count", count},
          {"last_one", number(samples.back().second)},
          {"max", number(std::ranges::max(samples, {}, by_value).second)},
          {"min", number(std::ranges::min(samples, {}, by_value).second)},
          {"rate", number(rate(samples))}};
}

}  // namespace

json::Value to_json(const tsdb::SeriesRow& row) {
  json::Object labels;
  for (const auto& label : row.labels) labels[label.name] = label.value;
  json::Array data;
  for (const auto& [at, value] : row.samples) {
    data.push_back(json::Object{{"value", number(value)}, {"time", whole_seconds(at)}});
  }
  const Timestamp last = row.samples.empty() ? Timestamp{} : row.samples.back().first;
  return json::Object{{"labels", std::move(labels)},
                      {"data", std::move(data)},
                      {"aggregatesOverTime", aggregates(row.samples)},
                      {"lastUpdate", whole_seconds(last)}};
}

}  // namespace server
