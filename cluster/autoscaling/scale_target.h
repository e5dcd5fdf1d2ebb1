#pragma once

// The scale object of an autoscaler's target: found by kind, read live, written conditionally.

#include <expected>
#include <optional>
#include <string>

#include "base/task.h"
#include "kube/client.h"
#include "scale/hpa/reconcile.h"

namespace cluster::autoscaling {

struct ScaleTarget {
  kube::Resource resource;
  kube::Key key;
  json::Value object;  // autoscaling/v1 Scale, as read
  scale::hpa::Scale counts;
  std::string selector;  // status.selector
};

// Reads the scale of what `ref` names in `ns`. Errors: kind spec for an apiVersion with more than
// one "/"; kind internal for a kind that is unknown here, and for those of the client.
Task<std::expected<ScaleTarget, scale::hpa::ScaleError>> read_target(kube::Client& client,
                                                                     scale::hpa::ObjectRef ref,
                                                                     std::string ns);

// Writes spec.replicas on the scale as it was read; after a conflict on a fresh one, as
// scale::hpa::tries_again() says. jitter: in [0, 1). Returns the text of the last error, or
// nothing.
Task<scale::hpa::WriteError> write_replicas(kube::Client& client, ScaleTarget target,
                                            scale::hpa::Replicas replicas, double jitter);

}  // namespace cluster::autoscaling
