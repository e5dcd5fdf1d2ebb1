#pragma once

// The behaviour block of a manifest, checked and with its defaults filled in. Pure.

#include <string>
#include <vector>

#include "kube/schema.h"
#include "kube/types.h"
#include "scale/hpa/behavior.h"

namespace control {

// `path`: the field that holds the block. What autoscaling/v2 refuses is added to `problems`.
scale::hpa::Behavior behavior_of(const kube::ScalingBehavior& behavior, const std::string& path,
                                 std::vector<kube::Problem>& problems);

}  // namespace control
