#pragma once

// What objects must agree on with each other. Pure.

#include <span>
#include <vector>

#include "cli/findings.h"
#include "kube/manifest.h"

namespace cli {

// Of valid objects: two ScaledObjects of a namespace on one workload or with one HPA name; a
// ScaledObject on a workload that an HPA scales, unless the HPA is its own, opts out
// (validations.keda.sh/hpa-ownership: "false"), or is taken over by name
// (scaledobject.keda.sh/transfer-hpa-ownership: "true"). And, as a warning because a LimitRange may
// set it, a cpu or memory trigger over containers that request none. Each problem stands at the
// ScaledObject, the later one of two. Source: the rules of KEDA 2.21's webhook.
std::vector<Finding> cross_check(std::span<const kube::Manifest> manifests);

}  // namespace cli
