#pragma once

// Sets of fields in Kubernetes' FieldsV1 form, and what can be done with an object along one. Pure.

#include <span>
#include <string>
#include <vector>

#include "json/json.h"
#include "kube/shape.h"

namespace cluster {

// Everything that `value` states.
json::Object field_set(const kube::Shape& shape, const json::Value& value);

// Puts everything that `stated` says into `live`; keyed lists and sets are joined, other lists
// replaced.
void merge_stated(const kube::Shape& shape, json::Value& live, const json::Value& stated);

// Removes from `live` the fields of `old` that are in none of `kept`.
void remove_fields(json::Value& live, const json::Object& old,
                   std::span<const json::Object* const> kept);

// The fields of `set` whose values are the same in both objects; either may be nullptr, where it
// has no such part.
json::Object unchanged_fields(const json::Object& set, const json::Value* before,
                              const json::Value* after);

// The paths (".spec.replicas", ".spec.containers[name=\"x\"].image") of the fields that are in
// `set` and not in `part`, which is what is left of it.
std::vector<std::string> missing_fields(const json::Object& set, const json::Object& part);

}  // namespace cluster
