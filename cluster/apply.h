#pragma once

// Server-side apply: who states which fields, in metadata.managedFields, and what follows from it.
// Pure.
//
// Field sets have Kubernetes' FieldsV1 form: {"f:spec":{"f:replicas":{}}}, with "k:{"name":"x"}"
// for an item of a keyed list, "v:"x"" for a member of a set and "." for the item itself. Only
// managers that applied are recorded; a write by other verbs ends their ownership of what it
// changes, and is not recorded itself.

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "cluster/kinds.h"
#include "json/json.h"

namespace cluster {

struct Applied {
  std::string manager;
  Timestamp now;
  json::Value stated;  // the object as the manager wants it
  kube::Conflicts conflicts = kube::Conflicts::take_over;
};

// `before` with what is stated, and without what this manager stated earlier, states no longer, and
// nobody else does. Other managers lose the fields whose value changes, or else (Conflicts::refuse)
// this is an error. Errors: conflict, naming managers and fields.
Result<json::Value> apply_to(const Kind& kind, const json::Value& before, const Applied& what);

// Notes in a new `object` that the manager states what it does.
void record_applied(const Kind& kind, json::Value& object, const Applied& what);

// Takes from every manager, in after's managedFields, the fields whose values differ between the
// two.
void give_up_changed_fields(const json::Value& before, json::Value& after);

}  // namespace cluster
