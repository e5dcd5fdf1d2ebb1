#pragma once

// From the recommendation to the count that may be set now: stabilisation, then bounds.

#include "scale/hpa/config.h"
#include "scale/hpa/limits.h"
#include "scale/hpa/status.h"

namespace scale::hpa {

struct Normalized {
  Replicas replicas = 0;
  NewCondition able;     // AbleToScale: whether stabilisation changed the figure
  NewCondition limited;  // ScalingLimited: whether the figure was bounded
  History history;       // with the recommendation recorded as it is
};

// move.desired is the recommendation. Which of the two rule sets applies follows from the presence
// of a behaviour block. history.recommendations is there.
Normalized normalize(const Spec& spec, Move move, const Config& config, History history,
                     Timestamp now);

}  // namespace scale::hpa
