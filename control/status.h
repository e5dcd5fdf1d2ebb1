#pragma once

// What an object's status should say, from its decision. Pure.

#include <optional>
#include <string>
#include <vector>

#include "control/plan.h"
#include "json/json.h"
#include "scale/types.h"

namespace control {

// What the status is made from.
struct StatusInput {
  const Plan* plan = nullptr;  // none when the object has problems
  const std::vector<Problem>* problems = nullptr;
  const scale::Decision* decision = nullptr;  // none before the first one
  std::optional<Timestamp> last_active;
  std::optional<scale::Replicas> original_replicas;  // of the target when it was first seen
  std::string write_error;                           // why the last write failed; empty: it did not
  std::string hpa_error;                             // likewise, of its HPA
  std::vector<std::string> metric_names;             // of its HPA's External metrics, by trigger
  std::optional<kube::Condition> scaling_active;     // of its HPA
};

// The status fields we own, as a merge patch body ({"status": {...}}). Conditions use KEDA's types
// and reasons.
json::Value status_patch(const StatusInput& input);

// Whether `patch` would change `object`, apart from lastActiveTime moving by less than `grain`.
bool changes(const json::Value& object, const json::Value& patch, Duration grain);

}  // namespace control
