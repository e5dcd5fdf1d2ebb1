#pragma once

// One operation over the samples of one series. Pure.

#include <optional>
#include <span>

#include "tsdb/metric_query.h"
#include "tsdb/samples.h"
#include "tsdb/series.h"

namespace tsdb {

// The operation's value over `window`, which is a run of the series' samples.
// rate: the sum of the increases between neighbours, over the seconds from the first to the last
// sample; no extrapolation. last_one: nothing once the series has ended; the other operations still
// look back at what was. Returns nullopt where there is nothing to say: no samples, or fewer than
// two for rate. NaN goes through.
std::optional<long double> over_time(Operation operation, const Series& series,
                                     std::span<const Sample> window);

}  // namespace tsdb
