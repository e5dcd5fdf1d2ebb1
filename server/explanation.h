#pragma once

// Why an object has the replicas it has, as text for people. Pure.

#include <span>
#include <string>

#include "control/board.h"

namespace server {

// Its state, each trigger's reading, and its last decisions with every step between signal and
// outcome. records: newest first.
std::string explain(const control::ObjectView& object,
                    std::span<const control::DecisionRecord> records, Timestamp now);

}  // namespace server
