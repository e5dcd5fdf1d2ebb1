#pragma once

// What one number asks for: KEDA's rounding, then the HPA's arithmetic. Pure.

#include <optional>

#include "scale/hpa/arithmetic.h"
#include "scale/spec.h"

namespace scale {

// `value` in thousandths, rounded to the nearest with ties to even of its exact decimal expansion,
// as KEDA prints values and targets with three decimals. Negative, NaN and infinite values are 0,
// as at KEDA.
double milli(double value);

// What it is compared with.
struct Yardstick {
  double target = 1;  // > 0
  MetricType type = MetricType::average_value;
  Replicas current = 0;
  // The count when the sync period began; none: `current`. An HPA's tick would compare with it.
  std::optional<Replicas> base;
  Replicas ready = 0;  // of Value targets
  hpa::Tolerance tolerance;
};

struct Ask {
  Replicas wanted = 0;  // what it asks for
  Replicas proposed =
      0;  // the current count (else the base) where that is within tolerance, else `wanted`
  double ratio = 0;  // to the target; infinite or NaN for an average at 0 replicas
};

// value and target are plain numbers; both are cut to thousandths first. A target below half a
// thousandth has none: then the plain numbers are used. Counts saturate. Source: autoscaling/v2,
// External metrics.
Ask ask(double value, const Yardstick& yardstick);

}  // namespace scale
