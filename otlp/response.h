#pragma once

// What OTLP's exporters get back, in the encoding they used. Pure functions.

#include <string>

#include "base/result.h"
#include "otlp/receiver.h"
#include "otlp/tally.h"

namespace otlp {

// An ExportMetricsServiceResponse, with partial_success when points were dropped, or taken
// without their buckets (then of no rejected points: a warning).
std::string success_body(const Tally& tally, Encoding encoding);

// A google.rpc.Status.
std::string status_body(const Error& error, Encoding encoding);

}  // namespace otlp
