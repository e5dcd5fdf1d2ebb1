#pragma once

// Vectors of whole passes of the controller.

#include "scale/testing/hpa_vector_parts.h"

namespace scale::testing {

Problems run_reconcile_vector(const json::Value& vector);
Problems run_sequence_vector(const json::Value& vector);

// The autoscaling/v2 specification that a pass vector describes.
json::Value spec_of_vector(const json::Value& vector);

}  // namespace scale::testing
