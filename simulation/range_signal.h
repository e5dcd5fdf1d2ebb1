#pragma once

// Signals as JSON: the answer of a Prometheus range query, or points that a running Tidewheel
// recorded. Pure.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "json/json.h"
#include "scale/types.h"
#include "simulation/signal.h"

namespace simulation {

// What several series of one answer mean.
enum class Series : std::uint8_t { one, sum };

// {"status": "success", "data": {"resultType": "matrix", "result": [{"metric": {…}, "values":
// [[seconds, "number"], …]}]}}, as GET /api/v1/query_range gives it. Series::one: several are an
// error that names two; Series::sum: added up at each time, as sum() does, over those that have a
// sample there. Errors: invalid, with the line where the text is no JSON, else with the path.
Result<Signal> read_range(std::string_view text, Series series, const SignalLimits& limits = {});

struct Recorded {
  Signal signal;
  std::optional<scale::Replicas> replicas;  // of the first point
};

// {"items": [{"at": RFC 3339, "state": …, "value": number or null, "replicas": N}, …]}, as GET
// /api/v1/objects/{namespace}/{name}/points gives it. Errors: bad_data, with the path.
Result<Recorded> read_points(const json::Value& body, const SignalLimits& limits = {});

}  // namespace simulation
