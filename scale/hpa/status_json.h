#pragma once

// An HPA's status as the API carries it.

#include "base/result.h"
#include "json/json.h"
#include "scale/hpa/spec.h"
#include "scale/hpa/status.h"

namespace scale::hpa {

// {observedGeneration, lastScaleTime, currentReplicas, desiredReplicas, currentMetrics,
// conditions}; what is not there is left out. Metrics take their identity from the specification's
// metric at the same place, amounts are quantities. Times have whole seconds.
json::Value to_json(const Status& status, const Spec& spec);

// Reads what to_json wrote; null is an empty status. Errors: invalid, naming the field.
Result<Status> status_from_json(const json::Value& value);

}  // namespace scale::hpa
