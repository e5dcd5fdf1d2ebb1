#pragma once

// The HorizontalPodAutoscaler of a ScaledObject with engine hpa, as KEDA makes it. Pure.
// Source: KEDA 2.21, except that tools' own annotations are not copied.

#include <string>

#include "control/plan.h"
#include "json/json.h"

namespace control {

// spec.advanced.horizontalPodAutoscalerConfig.name, or "keda-hpa-" and the object's name.
std::string hpa_name(const kube::ScaledObject& object);

// What is applied: only the fields that are ours. `json`: the ScaledObject as the API has it, whose
// behaviour block is taken as written.
json::Value hpa_object(const kube::ScaledObject& object, const json::Value& json, const Plan& plan);

}  // namespace control
