#pragma once

// Defaulting of an autoscaling/v2 specification, as the API server does it.

#include "json/json.h"

namespace scale::hpa {

// The specification with what is missing filled in: minReplicas 1; cpu at 80 % without metrics;
// with a behaviour block, even an empty one, both directions, field by field. What is set stays,
// also an empty list of policies. What has the wrong type stays as it is.
json::Value with_defaults(json::Value spec);

// The behaviour block alone.
json::Value behavior_with_defaults(json::Value behavior);

}  // namespace scale::hpa
