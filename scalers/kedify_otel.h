#pragma once

// The trigger types `kedify-otel`, and `external` / `external-push` whose scalerAddress names us: a
// metricQuery over pushed OTLP data. Pure functions from trigger metadata to a question, and from
// an answer to a reading.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scale/types.h"
#include "scalers/parameters.h"
#include "tsdb/metric_query.h"
#include "tsdb/types.h"

namespace scalers::kedify_otel {

using scalers::Metadata;

struct Params {
  tsdb::Question question;
  std::optional<double>
      target;  // required of a trigger; the external scaler's GetMetrics can do without
  double activation = 0;
  std::optional<double> clamp_min;
  std::optional<double> clamp_max;  // not below clamp_min
  bool operator==(const Params&) const = default;
};

// The target of a trigger. Errors: invalid, when there is none.
Result<double> target_of(const Params& params);

// The widest `window` that a trigger may ask for.
inline constexpr Duration window_max = std::chrono::hours(24);

// Reads the metadata. Errors: invalid, naming the key.
// target is finite and above 0, activation finite, clamps anything but NaN, window above 0 and at
// most window_max. An empty operationOverTime is the default.
// A `query` that is not empty is PromQL, and refused.
// Source: otel-add-on's metadata, plus activationTargetValue and window; its defects 27 and 28 (a
// mistyped operation or clamp is ignored) are absent.
Result<Params> parse(const Metadata& metadata);

// Every key, sorted by name, for the reference page.
std::vector<ParameterHelp> parameters();

// Keys of `metadata` that nobody reads, sorted: likely typing mistakes.
std::vector<std::string> unknown_keys(const Metadata& metadata);

// The reading behind an answer: the value clamped (first clampMin, then clampMax); other states
// pass unclamped, with what their silence means.
scale::Reading read(const Params& params, const tsdb::Answer& answer);

// Whether a trigger of this type and metadata is answered from our own store. `own_addresses`:
// patterns with '*', such as
// "*otel*:4318", matched against scalerAddress.
bool serves(std::string_view type, const Metadata& metadata,
            std::span<const std::string> own_addresses);

}  // namespace scalers::kedify_otel
