#pragma once

// The objects themselves: by kind and key, with versions, a history per kind, who owns and who
// scales whom, and the journal they are written to. It knows nothing of verbs or admission.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "cluster/history.h"
#include "cluster/kinds.h"
#include "kube/client.h"
#include "storage/journal.h"

namespace cluster {

struct ObjectId {
  std::size_t kind = 0;  // position in `kinds`
  kube::Key key;
  auto operator<=>(const ObjectId&) const = default;
};

// Confined to the control loop; the journal outlives it.
class Store {
 public:
  struct Limits {
    std::size_t objects_max;
    std::size_t object_bytes_max;
    std::size_t history_max;
  };

  // journal may be nullptr.
  Store(storage::Journal* journal, Limits limits);

  // Reads what the journal holds. Errors: bad_data for what cannot be read back; those of the
  // journal.
  Result<void> load();

  // The object, or nullptr.
  Stored find(const ObjectId& id) const;
  bool has_uid(const std::string& uid) const { return ids_.contains(uid); }
  std::optional<ObjectId> find_uid(const std::string& uid) const;
  // The objects of a kind, sorted by key; of one namespace unless `ns` is empty; only those after
  // `after`.
  std::vector<Stored> list(std::size_t kind, const std::string& ns,
                           const kube::Key& after = {}) const;
  // What has an owner reference to `uid`.
  std::vector<ObjectId> dependents(const std::string& uid) const;
  // The ScaledObjects of a namespace whose scale_target() is `target`.
  std::vector<ObjectId> scalers_of(const std::string& ns, const std::string& target) const;
  // Everything in a namespace.
  std::vector<ObjectId> in_namespace(const std::string& ns) const;
  // The object of `kind` that was written longest ago; the kind is not empty.
  ObjectId oldest(std::size_t kind) const;

  // Writes the object with a new version and returns it as it stands. It carries a uid.
  // Errors: exhausted (too many objects, or too large).
  Result<Stored> put(const ObjectId& id, json::Value object);
  // Removes the object, which exists.
  void erase(const ObjectId& id);

  std::uint64_t version() const { return version_; }
  std::size_t size() const { return ids_.size(); }
  std::size_t size(std::size_t kind) const { return objects_[kind].size(); }
  std::shared_ptr<History> history(std::size_t kind) const { return histories_[kind]; }

 private:
  struct Entry {
    Stored object;
    std::uint64_t version = 0;
  };

  void index(const ObjectId& id, const json::Value& object);
  void unindex(const ObjectId& id, const json::Value& object);
  void remember(std::uint64_t version);
  Result<void> load_object(std::string_view key, std::string_view text);

  storage::Journal* journal_;
  Limits limits_;
  std::uint64_t version_ = 0;
  std::array<std::map<kube::Key, Entry>, kinds.size()> objects_;
  std::array<std::shared_ptr<History>, kinds.size()> histories_;
  std::unordered_map<std::string, ObjectId> ids_;                   // by uid
  std::unordered_map<std::string, std::set<ObjectId>> dependents_;  // by the owner's uid
  std::map<kube::Key, std::set<ObjectId>> scalers_;  // by namespace and scale_target()
};

// The uids of metadata.ownerReferences.
std::vector<std::string> owner_uids(const json::Value& object);
// metadata.uid, or empty.
std::string uid_of(const json::Value& object);
// metadata.resourceVersion as a number; 0 when it is missing or none of ours.
std::uint64_t version_of(const json::Value& object);
// The member "metadata", made where it is missing; `object` is an object.
json::Object& metadata(json::Value& object);

}  // namespace cluster
