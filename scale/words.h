#pragma once

// The words of decisions: numbers, ages and sentences for people. Stable: golden files compare
// them.

#include <span>
#include <string>

#include "scale/activity.h"
#include "scale/types.h"

namespace scale {

// "1 replica", "5 replicas".
std::string count_text(Replicas replicas);

// At most three decimals, no trailing zeros; three significant digits below a thousandth.
std::string number_text(double value);

// "queue-depth is 42"; "no data for 35s from queue-depth (stale)"; "no data yet from queue-depth
// (absent)"; "no data from queue-depth (error: connection refused)"; "queue-depth is not a number".
std::string reading_text(const TriggerSpec& trigger, const Reading& reading, Timestamp now);

// The reading_text of the first trigger without a usable reading; "no triggers" when there is none.
std::string missing_text(const Spec& spec, std::span<const Proposal> proposals, Timestamp now);

// "inactive for 10s (cooldown 30s)"; "never active in 10s (initial cooldown 30s)".
std::string idleness_text(const Spec& spec, const Activity& activity, Timestamp now);

// Decision::reason: one sentence a tired person understands.
std::string reason_text(const Spec& spec, const Decision& decision, const Activity& activity);

}  // namespace scale
