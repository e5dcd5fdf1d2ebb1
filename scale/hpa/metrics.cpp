#include "scale/hpa/metrics.h"

#include "scale/hpa/figures.h"
#include "scale/hpa/pod_metrics.h"

namespace scale::hpa {
namespace {

std::unexpected<Failure> no_target(std::string_view what) {
  return failed(FailureCode::no_target, std::string(what));
}

Computed<void> check_selector(const Metric& metric) {
  if (!metric.selector) return {};
  if (auto checked = check(*metric.selector); !checked) {
    return failed(FailureCode::invalid_selector, std::move(checked).error().what);
  }
  return {};
}

Grouping grouping(const MetricQuestion& q, std::string_view resource) {
  return {.resource = resource,
          .cpu_initialization = q.config.cpu_initialization,
          .initial_readiness_delay = q.config.initial_readiness_delay,
          .now = q.now};
}

PodQuestion pod_question(const MetricQuestion& q, const Figures& figures,
                         std::string_view resource) {
  return {.pods = q.observed.pods,
          .figures = figures,
          .grouping = grouping(q, resource),
          .current = q.scale.spec,
          .tolerance = q.tolerance};
}

Evaluated averaged(MetricType type, const AverageProposal& proposal) {
  return {proposal.replicas, {.type = type, .average_value = proposal.average}};
}

Computed<Evaluated> evaluate_resource(const MetricQuestion& q) {
  const Metric& metric = q.metric;
  const Target& target = metric.target;
  if (!target.average_value && !target.average_utilization) {
    return no_target("neither averageUtilization nor averageValue is set");
  }
  if (q.observed.samples.empty()) {
    return failed(FailureCode::no_metrics, "no metrics returned by the resource metrics API");
  }
  const bool container = metric.type == MetricType::container_resource;
  const std::string_view container_name = container ? std::string_view(metric.container) : "";
  const Figures figures = figures_of(q.observed.pods, q.observed.samples,
                                     {.resource = metric.name, .container = container_name});
  const PodQuestion question = pod_question(q, figures, metric.name);
  if (target.average_value) {
    TRY(const AverageProposal proposal, propose_pod_average(question, *target.average_value));
    return averaged(metric.type, proposal);
  }
  const Requested requested{.resource = metric.name,
                            .container = container_name,
                            .honour_pod_requests = q.gates.pod_level_resources};
  TRY(const UtilizationProposal proposal,
      propose_utilization(question, *target.average_utilization, requested));
  return Evaluated{proposal.replicas,
                   {.type = metric.type,
                    .average_utilization = proposal.percent,
                    .average_value = proposal.average}};
}

Computed<Evaluated> evaluate_pods(const MetricQuestion& q) {
  if (!q.metric.target.average_value) return no_target("averageValue is not set");
  if (q.reading.pod_values.empty()) {
    return failed(FailureCode::no_metrics, "no metrics returned by the custom metrics API");
  }
  const Figures figures = figures_of(q.observed.pods, q.reading.pod_values);
  // Without a resource name readiness plays no part.
  TRY(const AverageProposal proposal,
      propose_pod_average(pod_question(q, figures, ""), *q.metric.target.average_value));
  return averaged(MetricType::pods, proposal);
}

Computed<Evaluated> by_value(const MetricQuestion& q, Milli total, Milli target) {
  const ValueQuestion question{.total = total, .target = target, .replicas = q.scale.spec};
  std::int64_t ready = 0;
  if (needs_ready_pods(question, q.tolerance)) {
    if (q.observed.pods.empty()) {
      return failed(FailureCode::no_pods, "the selector lists no pods");
    }
    ready = count_ready(q.observed.pods);
  }
  return Evaluated{propose_value(question, ready, q.tolerance),
                   {.type = q.metric.type, .value = total}};
}

Evaluated by_average(const MetricQuestion& q, Milli total, Milli target) {
  const AverageQuestion question{.total = total, .target = target, .replicas = q.scale.status};
  return {propose_average(question, q.tolerance),
          {.type = q.metric.type, .average_value = average_per_replica(total, q.scale.status)}};
}

Computed<Evaluated> evaluate_object(const MetricQuestion& q) {
  const Target& target = q.metric.target;
  if (target.type == TargetType::value && target.value) {
    return by_value(q, q.reading.value, *target.value);
  }
  if (target.type == TargetType::average_value && target.average_value) {
    return by_average(q, q.reading.value, *target.average_value);
  }
  return no_target("neither a value nor an averageValue target is set");
}

Computed<Evaluated> evaluate_external(const MetricQuestion& q) {
  const Target& target = q.metric.target;
  if (!target.average_value && !target.value) {
    return no_target("neither a value nor an averageValue target is set");
  }
  if (q.reading.series.empty()) {
    return failed(FailureCode::no_metrics, "no metrics returned by the external metrics API");
  }
  if (target.average_value) {
    return by_average(q, sum_for_average(q.reading.series), *target.average_value);
  }
  return by_value(q, sum_for_value(q.reading.series), *target.value);
}

}  // namespace

Computed<Evaluated> evaluate(const MetricQuestion& q) {
  TRY_VOID(check_selector(q.metric));
  if (q.reading.error) return failed(FailureCode::fetch, *q.reading.error);
  switch (q.metric.type) {
    case MetricType::resource:
    case MetricType::container_resource:
      return evaluate_resource(q);
    case MetricType::pods:
      return evaluate_pods(q);
    case MetricType::object:
      return evaluate_object(q);
    case MetricType::external:
      return evaluate_external(q);
    case MetricType::unknown:
      break;
  }
  return failed(FailureCode::unknown_type, "unknown metric source type");
}

}  // namespace scale::hpa
