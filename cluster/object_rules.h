#pragma once

// What the server does to an object around a write, whoever writes it: pure functions.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "cluster/kinds.h"
#include "json/json.h"
#include "kube/client.h"

namespace cluster {

// `body` as an object of `kind` at `key`: apiVersion, kind, namespace and name are filled in where
// they are missing. Errors: invalid when the body is no object or states others.
Result<json::Value> addressed(const Kind& kind, const kube::Key& key, json::Value body);

// What a server adds to a new object and takes from it: uid, creationTimestamp, generation; no
// status of the client's.
json::Value as_created(const Kind& kind, json::Value object, std::string uid, Timestamp now);

// `body` as the next version of `before`: what the server owns (status, uid, timestamps,
// generation) stays.
json::Value as_updated(const Kind& kind, const json::Value& before, json::Value body);

// An object that is terminating takes no new finalizers. Errors: invalid.
Result<void> check_finalizers(const Kind& kind, const json::Value& before,
                              const json::Value& after);

// Fields that a client may leave out and the server fills in.
void set_defaults(const Kind& kind, json::Value& object);

// metadata.generation of `after`, one more than before's when anything but metadata and status
// differs.
void count_change(const Kind& kind, const json::Value& before, json::Value& after);

// Whether two objects differ at most in metadata.resourceVersion.
bool same_content(const json::Value& a, const json::Value& b);

// `object` as one that goes once its finalizers have: a specification of its own, so to say, so its
// generation rises.
json::Value as_terminating(json::Value object, Timestamp now);

// Whether metadata.finalizers holds anything, or this one, and whether metadata.deletionTimestamp
// is set.
bool has_finalizers(const json::Value& object);
bool has_finalizer(const json::Value& object, std::string_view finalizer);
bool is_terminating(const json::Value& object);

// The autoscaling/v1 Scale of a deployment, and the deployment with the Scale's spec.replicas.
json::Value to_scale(const json::Value& deployment);
// Errors: invalid when spec.replicas is no integer of at least 0.
Result<json::Value> with_scale(json::Value deployment, const json::Value& scale);

// The words a Kubernetes server uses.
std::string qualified_name(const kube::Resource& resource);  // "deployments.apps"
Error not_found(const Kind& kind, const kube::Key& key);
Error already_exists(const Kind& kind, const kube::Key& key);
Error conflict(const Kind& kind, const kube::Key& key);
// A removal means another object of that name, or an older version of it.
Error other_uid(const Kind& kind, const kube::Key& key, std::string_view wanted,
                std::string_view got);
Error other_version(const Kind& kind, const kube::Key& key, std::string_view wanted,
                    std::string_view got);
// "Deployment.apps", as errors about the content of an object name it.
std::string qualified_kind(const kube::Resource& resource);

}  // namespace cluster
