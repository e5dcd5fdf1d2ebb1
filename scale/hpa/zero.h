#pragma once

// A target at zero replicas: resting because the controller put it there, or paused by hand.

#include "scale/hpa/config.h"
#include "scale/hpa/status.h"

namespace scale::hpa {

// Whether metrics are read at a spec count of 0.
//   condition: (min != 0 and Z) or (Z and E), with Z: the gate is on and ScaledToZero is True, and
//   E:
//              an Object or External metric is there
//   classic:   min == 0
bool may_wake(const Spec& spec, const Conditions& conditions, const Gates& gates);

// Whether a result below min is lifted to it: at a spec count of 0, with min != 0 and Z.
bool is_lifted(const Spec& spec, const Conditions& conditions, const Gates& gates);

// The conditions of a paused target: with the gate off a leftover ScaledToZero goes.
Conditions while_paused(Conditions conditions, const Gates& gates);

// The conditions after a successful write. Gate on: ScaledToZero says whether this was the
// controller's own step to zero. Gate off: it goes. Classic: there is none.
struct Written {
  Replicas from = 0;
  Replicas to = 0;
};
Conditions after_write(Conditions conditions, Written written, const Spec& spec, const Gates& gates,
                       Timestamp now);

}  // namespace scale::hpa
