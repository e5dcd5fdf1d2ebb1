#pragma once

// The embedded cluster's API: the part of a Kubernetes API server that an autoscaler, a process
// runtime and a person with manifests need, in this process. Memory is the truth, a journal is what
// a restart reads.

#include <cstddef>
#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "kube/client.h"
#include "storage/journal.h"

namespace cluster {

struct ApiOptions {
  std::size_t objects_max = 100'000;
  std::size_t object_bytes_max = 1'500'000;  // one object as JSON
  std::size_t events_max = 1'000;            // objects of kind Event; the oldest goes first
  std::size_t history_max = 4'096;  // changes of one kind that a watch can still be served from
};

// Confined to the control loop. Calls answer without waiting; only Watch::next() waits.
// docs/embedded-api.md says what is offered and how a real server differs.
//
// Kinds: Namespace, Deployment, Pod, Event, ScaledObject (kube/client.h names them). Namespace
// "default" always exists.
// - create: name or generateName; refuses an unknown namespace (not_found), a name in use
//   (already_exists), and what admission finds wrong (invalid, every problem with its field path).
//   Sets uid, creationTimestamp, generation 1.
// - list: by labels, in pages; all pages of one list carry the version of the first.
// - update: the whole object but for its status; metadata.resourceVersion, when stated, must be
//   current (conflict). ScaledObjects must state it, as custom resources must on a real server.
// - merge_patch: RFC 7386. json_patch: RFC 6902, all of it or nothing. apply: server-side apply.
// - "status" (deployments, pods, scaledobjects, namespaces): only status is written there, and
//   never elsewhere.
// - "scale" (deployments): autoscaling/v1 Scale; get, update, both patches.
// - remove: at once, or when the last finalizer is gone; what nobody owns any more goes too.
// - A write that changes nothing answers with the object as it is: no new resourceVersion, no
//   event.
// - watch: every change after a resourceVersion, in order; unavailable when it is older than the
//   history (list again).
class Api final : public kube::Transport {
 public:
  // Loads what the journal holds; nullptr: nothing survives. The journal and the clock outlive it.
  // Errors: bad_data for an object that cannot be read back; those of the journal.
  static Result<std::unique_ptr<Api>> open(storage::Journal* journal, const Clock& clock, Log log,
                                           ApiOptions options = {});
  ~Api() override;

  Task<Result<json::Value>> call(kube::Request request) override;
  // Watches that are waiting when the Api is destroyed must have been stopped first.
  Task<Result<std::unique_ptr<kube::Watch>>> watch(kube::Request request) override;

  std::size_t size() const;  // objects of all kinds

 private:
  struct State;
  explicit Api(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace cluster
