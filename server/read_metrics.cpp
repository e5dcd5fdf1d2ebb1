#include "server/read_metrics.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

namespace server {
namespace {

using base::metrics::Labels;

// Indexed by the enumerator.
constexpr std::array<std::string_view, 5> aggregation_names = {"sum", "avg", "min", "max", "count"};
constexpr std::array<std::string_view, 4> match_signs = {":", "!=", "=~", "!~"};

std::string aggregation_name(const tsdb::MetricQuery& query) {
  return std::string(aggregation_names[static_cast<std::size_t>(query.aggregation)]);
}

// As otel-add-on prints the searched labels: "map[a:1 b:2]".
std::string label_text(const tsdb::MetricQuery& query) {
  std::vector<std::string> parts;
  for (const auto& matcher : query.matchers) {
    parts.push_back(fmt::format("{}{}{}", matcher.label,
                                match_signs[static_cast<std::size_t>(matcher.type)],
                                matcher.value));
  }
  std::ranges::sort(parts);
  return fmt::format("map[{}]", fmt::join(parts, " "));
}

Labels labels_of(const tsdb::Question& question) {
  return {{"name", tsdb::fold_name(question.query.metric)},
          {"labels", label_text(question.query)},
          {"timeOp", std::string(tsdb::to_string(question.operation))},
          {"aggregation", aggregation_name(question.query)}};
}

// What was found: data, be it not a number.
bool found(const tsdb::Answer& answer) {
  return answer.state == tsdb::Answer::State::value ||
         answer.state == tsdb::Answer::State::not_a_number;
}

void show(RecentSeries<base::metrics::Gauge>& series, Labels labels, std::optional<double> value,
          Instant now) {
  if (!value) return series.drop(labels);
  series.use(std::move(labels), now).set(*value);
}

}  // namespace

ReadMetrics::ReadMetrics(base::metrics::Registry& registry, const Clock& clock,
                         ReadMetricLimits limits)
    : clock_(clock),
      idle_max_(limits.idle_max),
      reads_(registry, metric_names::points_read, limits.series_max),
      values_(registry, metric_names::metric_value_read, limits.series_max),
      clamped_(registry, metric_names::metric_value_clamped, limits.series_max) {}

void ReadMetrics::read(const tsdb::Question& question, const tsdb::Answer& answer,
                       std::optional<double> value) {
  const Instant now = clock_.steady();
  Labels labels = labels_of(question);
  const base::Lock lock(mutex_);
  if (found(answer)) reads_.use({{"name", tsdb::fold_name(question.query.metric)}}, now).add();
  show(values_, std::move(labels), value, now);
}

void ReadMetrics::clamped(const ObjectName& object, const tsdb::Question& question,
                          std::optional<double> value) {
  Labels labels = labels_of(question);
  labels.emplace_back("scaledObject", object.name);
  labels.emplace_back("namespace", object.ns);
  const base::Lock lock(mutex_);
  show(clamped_, std::move(labels), value, clock_.steady());
}

void ReadMetrics::tick() {
  const Instant then = clock_.steady() - std::chrono::duration_cast<Instant::duration>(idle_max_);
  const base::Lock lock(mutex_);
  reads_.drop_before(then);
  values_.drop_before(then);
  clamped_.drop_before(then);
}

}  // namespace server
