#pragma once

// What a pod requests of a resource: the base of utilisation.

#include <string_view>

#include "scale/hpa/failure.h"
#include "scale/hpa/pods.h"

namespace scale::hpa {

struct Requested {
  std::string_view resource;
  std::string_view container;       // empty: of the pod
  bool honour_pod_requests = true;  // the gate PodLevelResources
};

// Of the pod: the sum over containers and restartable init containers; one without a request fails.
// A pod with requests of its own answers with those, or, for a resource not among them, with its
// effective request, which tolerates containers without one. Of a container: its request.
// Failures: missing_request, container_not_found.
Computed<Milli> request_of(const Pod& pod, const Requested& requested);

}  // namespace scale::hpa
