#include "cluster/autoscaling/observe.h"

#include <algorithm>
#include <utility>

#include "cluster/autoscaling/pod_view.h"

namespace cluster::autoscaling {
namespace {

namespace hpa = scale::hpa;

constexpr std::string_view no_custom_metrics =
    "the embedded cluster has no custom metrics API; use an External or a Resource metric";
constexpr std::string_view no_external_metrics = "there is no external metrics API";
constexpr std::string_view no_resource_metrics =
    "there is no resource metrics API: no metrics for "
    "pods here";

hpa::Reading unreadable(std::string_view why) {
  return {.error = std::string(why)};
}

hpa::Reading read_external(const hpa::Metric& metric, const std::string& ns,
                           const MetricSources& sources) {
  if (!sources.external) return unreadable(no_external_metrics);
  auto series = sources.external({.ns = ns, .name = metric.name, .selector = metric.selector});
  if (!series) return unreadable(series.error().what);
  return {.series = *std::move(series)};
}

bool is_resource(const hpa::Metric& metric) {
  return metric.type == hpa::MetricType::resource ||
         metric.type == hpa::MetricType::container_resource;
}

// All Resource metrics of a pass are answered by one question.
Result<std::vector<hpa::PodSample>> read_resources(const std::string& ns,
                                                   const std::vector<hpa::Pod>& pods,
                                                   const MetricSources& sources) {
  if (!sources.resources) return fail(Code::unavailable, std::string(no_resource_metrics));
  std::vector<std::string> names;
  for (const hpa::Pod& pod : pods) names.push_back(pod.name);
  TRY(auto samples, sources.resources(ns, names));
  if (samples.empty()) return fail(Code::not_found, "no metrics known for pods");
  return samples;
}

}  // namespace

Task<Result<SelectedPods>> select_pods(kube::Client& client, std::string ns,
                                       kube::LabelSelector selector) {
  CO_TRY(const auto list, co_await client.list(kube::pods, std::move(ns)));
  SelectedPods selected;
  for (const json::Value& item : list.items) {
    auto meta = kube::meta_from_json(item);
    if (!meta || !selector.matches(meta->labels)) continue;
    selected.pods.push_back(pod_view(item));
    selected.labels.push_back(std::move(meta->labels));
  }
  co_return selected;
}

hpa::Observations observe(const hpa::Spec& spec, const std::string& ns, std::vector<hpa::Pod> pods,
                          const MetricSources& sources) {
  hpa::Observations observed{.pods = std::move(pods)};
  std::optional<std::string> no_samples;
  if (std::ranges::any_of(spec.metrics, is_resource)) {
    auto samples = read_resources(ns, observed.pods, sources);
    if (samples) {
      observed.samples = *std::move(samples);
    } else {
      no_samples = std::move(samples).error().what;
    }
  }
  for (const hpa::Metric& metric : spec.metrics) {
    if (metric.type == hpa::MetricType::external) {
      observed.readings.push_back(read_external(metric, ns, sources));
    } else if (is_resource(metric)) {
      observed.readings.push_back({.error = no_samples});
    } else {
      observed.readings.push_back(unreadable(no_custom_metrics));
    }
  }
  return observed;
}

}  // namespace cluster::autoscaling
