#pragma once

// The composite metric of scalingModifiers: one number from all triggers, by their formula. Pure.

#include <vector>

#include "scale/proposals.h"

namespace scale {

// spec.modifiers is there, and `proposals` holds what propose() made of each trigger. Takes the
// triggers' own say from them and appends the composite's proposal, whose trigger is their number.
//   some trigger in fallback, unless its kind is modifiers: the fallback value, no formula;
//   else some trigger missing: held, as one trigger is; silent where all that is missing is
//   silence; else the formula of their numbers. nil: a trigger that is ignored, or in fallback of
//   kind modifiers. A nil result: spec.fallback's count; without fallback an error.
// A run-time error is an error and holds; a negative result counts as 0. Source: KEDA 2.21.
void compose(const Inputs& in, std::vector<Proposal>& proposals);

}  // namespace scale
