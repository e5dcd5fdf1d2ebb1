#pragma once

// Random export requests that use all of OTLP's points.

#include "base/random.h"
#include "otlp/encode.h"

namespace otlp::testing {

// Few resources, scopes, metrics and points; every attribute type, every extreme value.
Request random_request(base::Random& random);

}  // namespace otlp::testing
