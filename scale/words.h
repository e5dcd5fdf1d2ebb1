#pragma once

// The words of decisions: numbers, ages and sentences for people. Made when a decision is shown or
// recorded, from its numbers and the specification it was made with. Stable: golden files compare
// them.

#include <string>

#include "scale/types.h"

namespace scale {

// Fills in the reason and the details of clamps. spec: what it was made from.
void tell(Decision& decision, const Spec& spec);

std::string reason_text(const Decision& decision, const Spec& spec);
std::string detail_text(const Clamp& clamp, const Decision& decision, const Spec& spec);

// "1 replica", "5 replicas".
std::string count_text(Replicas replicas);

// At most three decimals, no trailing zeros; three significant digits below a thousandth.
std::string number_text(double value);

// The trigger of a proposal as far as the specification knows it; the composite metric is one, too.
TriggerSpec trigger_of(const Spec& spec, std::size_t index);

// "queue-depth is 42"; "no data for 35s from queue-depth (stale)"; "queue-depth has ended (no data
// for 35s)"; "no data yet from queue-depth (absent)"; "no data from queue-depth (error: connection
// refused)"; "queue-depth is not a number".
std::string reading_text(const TriggerSpec& trigger, const Reading& reading, Timestamp now);

// "series 10 -> 5": when fewer or more took part than in the last value; else empty.
std::string series_text(const Proposal& proposal);

}  // namespace scale
