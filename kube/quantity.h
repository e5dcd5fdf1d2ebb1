#pragma once

// Kubernetes quantities: "500m", "1.5", "2Ki", "3e2".

#include <string_view>

#include "base/result.h"

namespace kube {

// The number that a quantity stands for. Errors: invalid.
// Source: Kubernetes' resource.Quantity: suffixes n u m k M G T P E, Ki Mi Gi Ti Pi Ei, or an
// exponent.
Result<double> parse_quantity(std::string_view text);

}  // namespace kube
