#include "scale/hpa/spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace scale::hpa {
namespace {

// In the order of MetricType.
constexpr std::array<MetricTypeRow, 6> rows = {{
    {MetricType::resource, "Resource", "resource", "FailedGetResourceMetric"},
    {MetricType::container_resource, "ContainerResource", "containerResource",
     "FailedGetContainerResourceMetric"},
    {MetricType::pods, "Pods", "pods", "FailedGetPodsMetric"},
    {MetricType::object, "Object", "object", "FailedGetObjectMetric"},
    {MetricType::external, "External", "external", "FailedGetExternalMetric"},
    {MetricType::unknown, "", "", "InvalidMetricSourceType"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].type != static_cast<MetricType>(i)) return false;
  }
  return true;
}
static_assert(in_order());

struct TargetTypeRow {
  std::string_view name;
  TargetType type;
};
constexpr TargetTypeRow target_types[] = {
    {"Utilization", TargetType::utilization},
    {"Value", TargetType::value},
    {"AverageValue", TargetType::average_value},
};

std::string resource_title(const Metric& metric) {
  if (metric.target.average_value) return metric.name + " resource";
  const bool container = metric.type == MetricType::container_resource;
  return fmt::format("{} {}resource utilization (percentage of request)", metric.name,
                     container ? "container " : "");
}

}  // namespace

const MetricTypeRow& row_of(MetricType type) {
  return rows[static_cast<std::size_t>(type)];
}

MetricType metric_type(std::string_view name) {
  const auto row = std::ranges::find(rows, name, &MetricTypeRow::name);
  return row == rows.end() ? MetricType::unknown : row->type;
}

TargetType target_type(std::string_view name) {
  const auto row = std::ranges::find(target_types, name, &TargetTypeRow::name);
  return row == std::end(target_types) ? TargetType::other : row->type;
}

std::string title_of(const Metric& metric) {
  switch (metric.type) {
    case MetricType::resource:
    case MetricType::container_resource:
      return resource_title(metric);
    case MetricType::pods:
      return "pods metric " + metric.name;
    case MetricType::object:
      if (metric.target.type == TargetType::value) {
        return fmt::format("{} metric {}", metric.object.kind, metric.name);
      }
      [[fallthrough]];  // averages of objects are called external, as upstream does
    case MetricType::external:
      return fmt::format("external metric {}({})", metric.name, debug_text(metric.selector));
    case MetricType::unknown:
      return {};
  }
  return {};
}

Replicas min_replicas(const Spec& spec) {
  return spec.min.value_or(1);
}

bool can_wake(const Spec& spec) {
  return std::ranges::any_of(spec.metrics, [](const Metric& metric) {
    return metric.type == MetricType::object || metric.type == MetricType::external;
  });
}

}  // namespace scale::hpa
