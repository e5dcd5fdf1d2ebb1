#pragma once

// The HPA's arithmetic for one AverageValue metric. Pure.

#include "scale/types.h"

namespace scale {

// `value` in thousandths, rounded to the nearest with ties to even of its exact decimal expansion,
// as KEDA prints values and targets with three decimals. Negative, NaN and infinite values are 0,
// as at KEDA.
double milli(double value);

struct Tolerance {
  double down = 0.1;
  double up = 0.1;
};

// What one value asks for.
struct Ask {
  Replicas wanted = 0;    // ceil(value / target)
  Replicas proposed = 0;  // the current count where the ratio is within tolerance, else `wanted`
  double ratio = 0;       // value / (target * current); infinite or NaN at 0 replicas
};

// value and target are plain numbers; both are cut to thousandths first. A target below half a
// thousandth has none: then the plain numbers are used. Within tolerance, both ends included: 1 -
// down <= ratio <= 1 + up. Counts saturate. Source: autoscaling/v2, External metric with
// averageValue.
Ask ask(double value, double target, Replicas current, Tolerance tolerance);

}  // namespace scale
