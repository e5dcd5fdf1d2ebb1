#pragma once

// A Pod object as the algorithm looks at it. Pure.

#include "json/json.h"
#include "scale/hpa/pods.h"

namespace cluster::autoscaling {

// What is missing or has a wrong type reads as absent: another's pod must not end a pass. A request
// that is no quantity is none.
scale::hpa::Pod pod_view(const json::Value& pod);

}  // namespace cluster::autoscaling
