#pragma once

// Reading an autoscaling/v2 specification.

#include "base/result.h"
#include "json/json.h"
#include "scale/hpa/spec.h"

namespace scale::hpa {

// Defaults are filled in first. What the validation would refuse is read as it is where it has a
// meaning, so that an object stored by an older server still runs. Errors: invalid, naming the
// field: a wrong type, a quantity that is none, an unknown policy or selection.
Result<Spec> spec_from_json(const json::Value& spec);
// The behaviour block alone.
Result<Behavior> behavior_from_json(const json::Value& behavior);
// {matchLabels, matchExpressions}.
Result<Selector> selector_from_json(const json::Value& selector);

}  // namespace scale::hpa
