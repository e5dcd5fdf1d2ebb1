#pragma once

// From a Deployment to the Pods made for it, and from them back to its status. Pure.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cluster/process/rollout.h"
#include "json/json.h"
#include "kube/workload.h"

namespace cluster::process {

// Keeps a removed Pod in the API until its processes are gone.
inline constexpr std::string_view pod_finalizer = "tidewheel.dev/process";

// The label that says which template a Pod was made from.
inline constexpr std::string_view template_label = "pod-template-hash";

// Sixteen hexadecimal digits; the same for templates that differ in the order of members only.
std::string template_hash(const json::Value& deployment);

Strategy strategy_of(const json::Value& deployment);

// The Pod object to create: the template's metadata and whole spec, owner, finalizer and template
// label.
json::Value pod_from_template(const json::Value& deployment, const kube::Deployment& parsed,
                              std::string name);

// failure: why Pods cannot be made; empty when they can.
kube::DeploymentStatus deployment_status(const kube::Deployment& deployment,
                                         std::span<const PodView> pods, const std::string& failure);

}  // namespace cluster::process
