#pragma once

// The values of our own API as JSON: camelCase, times in RFC 3339, numbers that are none as null.
// Pure functions.

#include "control/board.h"
#include "json/json.h"
#include "tsdb/metric_query.h"
#include "tsdb/types.h"

namespace server {

std::string_view to_string(tsdb::Answer::State state);

// An object as it stands, with its newest decision.
json::Value to_json(const control::ObjectView& object, const control::Board& board, Timestamp now);
// Names and targets of triggers are those of the time of the record.
json::Value to_json(const control::DecisionRecord& record);
json::Value to_json(const control::TriggerPoint& point);
json::Value to_json(const tsdb::Question& question, const tsdb::Answer& answer, Timestamp now);

// How full the object is: desired replicas by the most it may have; 0 when it may have none.
double load_of(const control::ObjectView& object);

}  // namespace server
