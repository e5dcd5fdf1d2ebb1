#include "scale/hpa/recommend.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace scale::hpa {
namespace {

constexpr std::array<std::string_view, 3> kinds = {"none", "internal", "spec"};
const Reading unread{.error = "was not read"};

Event event_of(const Metric& metric, const Failure& failure) {
  return {.type = Event::Type::warning,
          .reason = std::string(row_of(metric.type).failure),
          .message = fmt::format("failed to get {} metric {}: {}", row_of(metric.type).member,
                                 metric.name, failure.what)};
}

// The best proposal so far, with a running best of 0 always replaced.
struct Best {
  Replicas replicas = 0;
  std::optional<std::size_t> winner;

  void offer(Replicas proposal, std::size_t metric) {
    if (replicas != 0 && proposal <= replicas) return;
    replicas = proposal;
    winner = metric;
  }
};

}  // namespace

std::string_view to_string(ErrorKind kind) {
  return kinds[static_cast<std::size_t>(kind)];
}

Verdict recommend(const RecommendInput& input, std::vector<MetricStatus> statuses) {
  const std::vector<Metric>& metrics = input.spec.metrics;
  const std::vector<Reading>& readings = input.observed.readings;
  const Tolerance tolerance = tolerance_of(input.spec, input.config, input.gates);
  Verdict verdict;
  statuses.assign(metrics.size(), {});
  verdict.statuses = std::move(statuses);
  Best best;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    auto evaluated = evaluate({.metric = metrics[i],
                               .reading = i < readings.size() ? readings[i] : unread,
                               .observed = input.observed,
                               .scale = input.scale,
                               .tolerance = tolerance,
                               .config = input.config,
                               .gates = input.gates,
                               .now = input.now});
    if (evaluated) {
      verdict.statuses[i] = evaluated->status;
      best.offer(evaluated->proposal, i);
      continue;
    }
    verdict.events.push_back(event_of(metrics[i], evaluated.error()));
    if (!verdict.first_failure) verdict.first_failure = {i, std::move(evaluated).error()};
    ++verdict.failures;
  }
  verdict.replicas = std::max(0, best.replicas);
  verdict.winner = best.winner;
  const bool all_failed = verdict.failures == metrics.size();
  verdict.usable = !all_failed && (verdict.failures == 0 || best.replicas >= input.scale.spec);
  return verdict;
}

ErrorKind kind_of(const Failure& failure) {
  return failure.code == FailureCode::unknown_type ? ErrorKind::spec : ErrorKind::internal;
}

}  // namespace scale::hpa
