#pragma once

// Keeps the HPAs of ScaledObjects with engine hpa as they want them: made, corrected when somebody
// changes one, made again when somebody removes one, and removed when no longer wanted.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/task.h"
#include "kube/client.h"
#include "kube/follow.h"
#include "kube/meta.h"

namespace control {

// Who wants an HPA.
struct HpaOwner {
  kube::Key key;  // of the ScaledObject
  std::string uid;
  bool takes_over = false;  // an HPA of that name that is nobody's, or another's
};

// Confined to the control loop; the client outlives it.
class HpaKeeper {
 public:
  // Called with the ScaledObject that owns an HPA which appeared, changed or went.
  using Changed = std::function<void(const kube::Key& owner)>;

  HpaKeeper(kube::Client& client, Changed changed)
      : client_(client), changed_(std::move(changed)) {}

  // Feeds the cache. listed: called when it holds every HPA, and after each gap.
  kube::Follower follower(std::function<void()> listed);
  // Whether the cache has held everything once: before, nobody knows whose an HPA is.
  bool listed() const { return listed_; }

  // One server-side apply, so that exactly the stated fields are ours; nothing when the HPA is as
  // it was after the last one, and `wanted` too. Errors: already_exists when the HPA is another's
  // and the owner does not take over; those of the client.
  Task<Result<void>> keep(HpaOwner owner, json::Value wanted);

  // Removes the HPAs of the owner but the one of this name (empty: all). Errors: those of the
  // client.
  Task<Result<void>> remove_others(HpaOwner owner, std::string kept);

  // The HPA's condition ScalingActive, when it says one.
  std::optional<kube::Condition> scaling_active(const kube::Key& hpa) const;

 private:
  struct Live {
    kube::Key owner;  // name empty: no ScaledObject's
    std::string owner_uid;
    std::string stated;  // what of it is not status, as text
    std::optional<kube::Condition> scaling_active;
    bool operator==(const Live&) const = default;
  };
  struct Applied {
    std::string wanted;
    std::string stated;  // the answer's
  };

  static Live read(const json::Value& object);
  void hear(const kube::Key& key, const json::Value& object);
  void forget(const kube::Key& key);

  kube::Client& client_;
  Changed changed_;
  bool listed_ = false;
  std::map<kube::Key, Live> live_;
  std::map<kube::Key, Applied> applied_;
};

}  // namespace control
