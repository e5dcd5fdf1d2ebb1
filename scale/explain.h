#pragma once

// Decisions for people and for machines: stable text, and JSON that survives restarts.

#include <string>

#include "base/result.h"
#include "json/json.h"
#include "scale/types.h"

namespace scale {

// Several lines, the last one ended: the change and its reason, each trigger with value, age,
// target and proposal, each clamp, and when it is looked at again. A decision of another
// specification is told as far as it goes.
std::string explain_text(const Decision& decision, const Spec& spec);

// Whether two decisions differ in nothing but the moment and the ages and values in their texts:
// same outcome, winner, reading states and kinds of clamps.
bool same_story(const Decision& a, const Decision& b);

// {at, from, to, active, reason, winner?, again_at?, proposals: [{trigger, index, type, query,
// target, activation, state, value?, newest?, age_s?, series, error?, active, held, replicas?}],
// clamps: [{kind, before, after, detail}]}. Times are RFC 3339 with nanoseconds; `winner` is an
// index; a member that does not apply is left out.
json::Value to_json(const Decision& decision, const Spec& spec);

// Reads what to_json wrote. Times lie between 1970 and 2160, as in a history. What it took from the
// specification is not part of a Decision. Errors: bad_data, naming the member.
Result<Decision> decision_from_json(const json::Value& value);

// {held: [{trigger, replicas?, active, at}], active, last_active?, recommendations: [[at,
// replicas]], events: [[at, change]]}; times are nanoseconds.
json::Value to_json(const History& history);

// Errors: bad_data, naming the member.
Result<History> history_from_json(const json::Value& value);

}  // namespace scale
