#pragma once

// What the embedded cluster refuses beyond what every cluster does: schema, containers without a
// command, and two ScaledObjects on one workload. Pure.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/kinds.h"
#include "json/json.h"
#include "kube/schema.h"

namespace cluster {

// Everything that is wrong with one object by itself. before: what is stored of it, or nullptr; an
// update may keep what a new object could not state.
std::vector<kube::Problem> check_object(const Kind& kind, const json::Value& object,
                                        const json::Value* before = nullptr);

// Everything that is wrong with the status of one object.
std::vector<kube::Problem> check_status(const Kind& kind, const json::Value& status);

// The workload a ScaledObject scales, as KEDA names it: "apps/v1.Deployment" and the name. Same
// text: same workload.
std::string scale_target(const json::Value& scaled_object);

// The problem of a ScaledObject whose workload the ScaledObject named `other` scales already.
kube::Problem taken_workload(const json::Value& scaled_object, std::string_view other);

}  // namespace cluster
