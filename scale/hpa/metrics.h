#pragma once

// From one metric's reading to the count it asks for.

#include <optional>
#include <string>
#include <vector>

#include "scale/hpa/config.h"
#include "scale/hpa/failure.h"
#include "scale/hpa/pods.h"
#include "scale/hpa/spec.h"

namespace scale::hpa {

// What the caller read for one metric. Which member counts follows from the metric's type.
struct Reading {
  std::optional<std::string> error;  // the read failed, and why
  std::vector<PodValue> pod_values;  // Pods
  Milli value = 0;                   // Object
  std::vector<Milli> series;         // External: one per returned series
};

// What the caller read for one pass.
struct Observations {
  std::vector<Pod> pods;           // those under the scale's selector
  std::vector<PodSample> samples;  // resource samples for that selector
  std::vector<Reading> readings;   // one per metric of the specification, in order
};

// The target's scale object.
struct Scale {
  Replicas spec = 0;    // spec.replicas: the current count
  Replicas status = 0;  // status.replicas: pods that exist
};

// One entry of status.currentMetrics. Identity is that of the specification's metric at the same
// place.
struct MetricStatus {
  std::optional<MetricType> type;                   // none: it failed, the entry is empty
  std::optional<std::int32_t> average_utilization;  // percent
  std::optional<Milli> average_value;
  std::optional<Milli> value;
  bool operator==(const MetricStatus&) const = default;
};

struct Evaluated {
  Replicas proposal = 0;
  MetricStatus status;
};

struct MetricQuestion {
  const Metric& metric;
  const Reading& reading;
  const Observations& observed;
  Scale scale;
  Tolerance tolerance;
  const Config& config;
  const Gates& gates;
  Timestamp now;
};

// Resource and ContainerResource, External: averageValue is looked at before the other target.
// Object: the target's type and the field of that name. Value and average targets allocate nothing.
Computed<Evaluated> evaluate(const MetricQuestion& question);

}  // namespace scale::hpa
