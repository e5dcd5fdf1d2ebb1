#pragma once

// Quantiles of histograms, as Prometheus computes them. Pure.

#include "tsdb/histogram.h"

namespace tsdb {

// The value that the share `q` (0 to 1) of the observations is at or below, estimated from the
// buckets: within an explicit bucket and the zero bucket linearly, within an exponential one by its
// logarithm. -Inf for q < 0, +Inf for q > 1; NaN without observations, for a NaN, and for a
// histogram of one bucket.
// In an explicit histogram the first bucket begins at 0 if its bound is above that, else the answer
// there is the bound; in the last one it is the greatest bound. A zero bucket without observations
// on one side of it begins, or ends, at 0. Where a sum is NaN, NaNs were observed, which are in no
// bucket and greater than all.
// Source: Prometheus 3 promql/quantile.go, bucketQuantile and histogramQuantile (native histograms
// interpolate exponentially since 3.0).
double quantile(double q, const Histogram& histogram);

}  // namespace tsdb
