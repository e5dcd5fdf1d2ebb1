#pragma once

// What becomes of a trigger's missing data, as the manifest says it. Pure.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kube/schema.h"
#include "kube/types.h"
#include "scale/spec.h"

namespace control {

// What a trigger's metadata or its object says of missing data, by missing state: absent, stale,
// error, not_a_number.
inline constexpr std::array<std::string_view, 4> on_missing_keys = {
    "tidewheel.dev/on-absent", "tidewheel.dev/on-stale", "tidewheel.dev/on-error",
    "tidewheel.dev/on-nan"};

// Reads "hold", "zero", "ignore", "fallback" and "value: 12". Errors: invalid.
Result<scale::OnMissing> parse_on_missing(std::string_view text);

// One per missing state, in the order of on_missing_keys. The first that says something counts:
// those keys in the metadata of trigger `index`; annotations of the same names on the object;
// KEDA's own words (ignoreNullValues and its like for absent and not-a-number, then spec.fallback
// for all); hold. What cannot be read is added to `problems`.
std::array<scale::OnMissing, 4> on_missing(const kube::ScaledObject& object, std::size_t index,
                                           std::vector<kube::Problem>& problems);

// Whether this is a metadata key that on_missing reads.
bool says_what_is_missing(std::string_view key);

// spec.fallback; kinds and bounds are checked.
std::optional<scale::Fallback> fallback_of(const kube::ScaledObject& object,
                                           std::vector<kube::Problem>& problems);

// The names in the annotation tidewheel.dev/keda-behavior, separated by commas.
scale::KedaBehavior keda_behavior(const kube::ScaledObject& object,
                                  std::vector<kube::Problem>& problems);

}  // namespace control
