#pragma once

// Validation of an autoscaling/v2 specification, as the API server does it.

#include "json/json.h"
#include "scale/hpa/config.h"
#include "scale/hpa/field_error.h"

namespace scale::hpa {

inline constexpr std::int32_t window_max_s = 3600;
inline constexpr std::int32_t period_max_s = 1800;

// What is wrong, in field order; empty when it is valid. spec: after defaulting; what is left out
// of it is not checked. old_spec: that of the stored object on an update, else null: an object that
// already has minReplicas 0 keeps it, an unchanged apiVersion is not looked at.
FieldErrors validate(const json::Value& spec, const json::Value* old_spec, const Gates& gates);

// currentReplicas and desiredReplicas >= 0.
FieldErrors validate_status(const json::Value& status);

}  // namespace scale::hpa
