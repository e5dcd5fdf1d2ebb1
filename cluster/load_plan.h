#pragma once

// What a load will do, from what the manifests say and what the cluster holds. Pure.

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "json/json.h"
#include "kube/client.h"
#include "kube/manifest.h"

namespace cluster {

// Kinds that manifests may state, in the order they are made; they are removed in the opposite
// order.
inline constexpr kube::Resource loaded_kinds[] = {
    kube::namespaces, kube::deployments, kube::scaled_objects, kube::horizontal_pod_autoscalers};

// By position in loaded_kinds, then key.
using ObjectName = std::pair<std::size_t, kube::Key>;
using Objects = std::map<ObjectName, json::Value>;

struct LoadPlan {
  std::vector<kube::ManifestProblem> problems;  // not empty: the rest is empty
  struct Apply {
    kube::Manifest manifest;
    json::Value object;  // what is applied
  };
  std::vector<Apply> apply;         // in order
  std::vector<ObjectName> removed;  // in order
};

// Existing: every object of loaded_kinds. Errors are problems; those of check_manifests() are among
// them.
LoadPlan plan_load(std::vector<kube::Manifest> manifests, const Objects& existing);

}  // namespace cluster
