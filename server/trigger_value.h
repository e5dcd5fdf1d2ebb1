#pragma once

// From a trigger's metadata and what the store found to the number that KEDA gets. Pure.

#include <array>
#include <optional>

#include "base/result.h"
#include "scale/spec.h"
#include "scalers/kedify_otel.h"
#include "server/questions.h"

namespace server {

// What the external scaler makes of absent data where the trigger's metadata says nothing.
struct NotFound {
  bool error = false;           // wins over the next
  std::optional<double> value;  // the answer, unclamped
};

struct ScalerTrigger {
  scalers::kedify_otel::Params params;
  std::array<scale::OnMissing, 4> on_missing;  // of absent, stale, error, not a number
};

// Reads the metadata, tidewheel.dev/on-… included. Errors: invalid, naming the key.
Result<ScalerTrigger> parse_trigger(const scalers::Metadata& metadata);

// The value, clamped. Missing data, by the first rule that fits, unclamped but for the second:
//   1. the trigger's word: `zero` is 0, `value: N` is N; `fallback` and `ignore` are an error,
//      which makes KEDA apply its own fallback and keeps its HPA from going down;
//   2. a last value at or below activation, then silence: that value still, unless points were
//      refused for their time, which is no silence;
//   3. absent: `not_found`;
//   4. an error.
// `hold` says what rules 2 to 4 say. Errors: unavailable, naming the query, what is missing, and
// whose clock seems to be wrong.
Result<double> value_of(const ScalerTrigger& trigger, const Finding& finding, NotFound not_found);

}  // namespace server
