#pragma once

// From readings to proposals, one per trigger, with holds where there is no usable reading. Pure.

#include <optional>
#include <span>
#include <vector>

#include "scale/types.h"

namespace scale {

// A finite value; everything else is missing data.
bool usable(const Reading& reading);

// One per trigger, in order. A usable reading proposes what the arithmetic says at `current`
// replicas; any other holds what the trigger's history says: its last proposal, active or not, or
// nothing when it never had a usable reading.
std::vector<Proposal> propose(const Spec& spec, std::span<const Reading> readings, Replicas current,
                              const History& history);

// The largest proposal; the earliest of equals. None when nobody proposes.
std::optional<std::size_t> largest(std::span<const Proposal> proposals);

// What each trigger leaves for later: its usable reading's proposal, or what was held before.
std::vector<History::Held> remember(const Spec& spec, std::span<const Proposal> proposals,
                                    const History& history, Timestamp now);

// Whether some trigger has no usable reading: then the count between 1 and N is not lowered. True
// without any trigger.
bool some_missing(std::span<const Proposal> proposals);

// Whether missing data forbids going to zero or idle. Silence after a last value at or below
// activation does not: that value is the evidence. Absent (perhaps we just started), failed and
// garbled readings do, whatever was before.
bool rest_forbidden(std::span<const Proposal> proposals);

}  // namespace scale
