#pragma once

// How objects go: finalizers, what they owned, and what lived in them. Source: Kubernetes' garbage
// collector; here it works at once instead of in the background.

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cluster/store.h"
#include "kube/client.h"

namespace cluster {

// Confined to the control loop; the store and the clock outlive it.
class Removal {
 public:
  Removal(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  // Removes the object, or marks it as terminating while it has finalizers. Answers with it as it
  // was last. Errors: not_found, conflict (a precondition), denied (namespace "default").
  Result<json::Value> remove(const ObjectId& id, const kube::RemoveOptions& options);

  // Removes the object, which nothing holds, and what follows from that.
  void erase(const ObjectId& id);

  // Removes the object when it has owners and none of them is there to keep it.
  void collect(const ObjectId& id);

  // What a start finds: objects whose owners went while nobody looked.
  void collect_orphans();

 private:
  Result<void> check(const ObjectId& id, const json::Value& object,
                     const kube::RemoveOptions& options) const;
  void mark(const ObjectId& id, const json::Value& object, kube::Propagation propagation);
  void settle();
  void gone(const json::Value& object, const ObjectId& id);
  void disown(const std::string& owner_uid, const std::vector<ObjectId>& dependents);
  void release_owner(const std::string& owner_uid);
  bool is_blocked(const std::string& owner_uid) const;
  bool keeps(const std::string& owner_uid) const;

  Store& store_;
  const Clock& clock_;
  std::deque<std::pair<ObjectId, Stored>> erased_;  // what followed from it is still to be done
  bool settling_ = false;
};

}  // namespace cluster
