#pragma once

// The kinds the embedded cluster keeps, and what is special about each. One table.

#include <array>
#include <cstddef>
#include <string_view>

#include "kube/client.h"

namespace cluster {

struct Kind {
  kube::Resource resource;
  bool has_status = false;      // a "status" subresource
  bool has_scale = false;       // a "scale" subresource
  bool counts_changes = false;  // metadata.generation follows the specification
  bool version_required =
      false;  // an update must state the resourceVersion, as for custom resources
};

// The namespace that always exists.
inline constexpr std::string_view default_namespace = "default";

inline constexpr std::array<Kind, 6> kinds{{
    {.resource = kube::namespaces, .has_status = true},
    {.resource = kube::pods, .has_status = true, .counts_changes = true},
    {.resource = kube::events},
    {.resource = kube::deployments, .has_status = true, .has_scale = true, .counts_changes = true},
    {.resource = kube::scaled_objects,
     .has_status = true,
     .counts_changes = true,
     .version_required = true},
    {.resource = kube::horizontal_pod_autoscalers, .has_status = true, .counts_changes = true},
}};

// The position in `kinds` of the kind that `resource` names, or kinds.size().
constexpr std::size_t kind_index(const kube::Resource& resource) {
  std::size_t i = 0;
  while (i < kinds.size() && !(kinds[i].resource.group == resource.group &&
                               kinds[i].resource.plural == resource.plural)) {
    ++i;
  }
  return i;
}

}  // namespace cluster
