#pragma once

// Events about triggers and formulas that fail, in KEDA's words: each failure is told once, however
// often it is met. Pure values.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scale/types.h"

namespace control {

// A warning to record about the ScaledObject.
struct SourceFault {
  std::string_view reason;  // KEDAScalerFailed; with scalingModifiers KEDAMetricSourceFailed
  std::string note;         // "queue: connection refused"
  bool operator==(const SourceFault&) const = default;
};

// Which sources of one object fail. A source that goes on failing is told once, whatever it says;
// one that recovers is told again when it fails again. A formula fails by itself: where a trigger
// fails, the composite metric has nothing of its own to tell. Source: KEDA 2.21's events; that a
// formula's failure is one of them is ours (B-2).
class SourceFaults {
 public:
  // What the decision's sources say that did not fail in the decision before.
  std::vector<SourceFault> see(const scale::Spec& spec, const scale::Decision& decision);

 private:
  std::set<std::string> failing_;  // by name
};

}  // namespace control
