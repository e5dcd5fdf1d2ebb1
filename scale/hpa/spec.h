#pragma once

// A HorizontalPodAutoscaler's specification (autoscaling/v2) after defaulting. Plain values.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scale/hpa/arithmetic.h"
#include "scale/hpa/behavior.h"
#include "scale/hpa/selector.h"

namespace scale::hpa {

enum class MetricType : std::uint8_t {
  resource,
  container_resource,
  pods,
  object,
  external,
  unknown,  // a source type that does not exist
};

// One row per source type: every name it has anywhere.
struct MetricTypeRow {
  MetricType type;
  std::string_view name;     // "ContainerResource"
  std::string_view member;   // "containerResource"
  std::string_view failure;  // reason of events and conditions
};
const MetricTypeRow& row_of(MetricType type);
// unknown for what is no source type.
MetricType metric_type(std::string_view name);

enum class TargetType : std::uint8_t { utilization, value, average_value, other };
TargetType target_type(std::string_view name);

struct Target {
  TargetType type = TargetType::other;
  std::optional<Milli> value;
  std::optional<Milli> average_value;
  std::optional<std::int32_t> average_utilization;  // percent
  bool operator==(const Target&) const = default;
};

struct ObjectRef {
  std::string api_version;
  std::string kind;
  std::string name;
  bool operator==(const ObjectRef&) const = default;
};

struct Metric {
  MetricType type = MetricType::unknown;
  std::string name;       // of the metric, or of the resource
  std::string container;  // ContainerResource
  ObjectRef object;       // Object
  std::optional<Selector> selector;
  Target target;
  // title_of() of the rest, kept so that a pass need not make it; empty: made when needed.
  std::string title;
  bool operator==(const Metric&) const = default;
};

// What the metric is called in conditions and events: "cpu resource utilization (percentage of
// request)", "pods metric qps", "external metric lag(nil)".
std::string title_of(const Metric& metric);

struct Spec {
  ObjectRef target;
  std::optional<Replicas> min;  // none: 1
  Replicas max = 1;
  std::vector<Metric> metrics;
  std::optional<Behavior> behavior;  // its presence selects the rules, whatever it holds
  bool operator==(const Spec&) const = default;
};

Replicas min_replicas(const Spec& spec);
// Whether there is an Object or External metric: without one nothing wakes a target at zero.
bool can_wake(const Spec& spec);

}  // namespace scale::hpa
