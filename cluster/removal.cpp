#include "cluster/removal.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cluster/object_rules.h"
#include "kube/meta.h"

namespace cluster {
namespace {

constexpr std::size_t namespace_kind = kind_index(kube::namespaces);
// Holds an owner until what it owned has gone, when that was asked for.
constexpr std::string_view foreground_finalizer = "foregroundDeletion";

boost::json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

bool waits_for_dependents(const json::Value& object) {
  return is_terminating(object) && has_finalizer(object, foreground_finalizer);
}

// Without the items that `drop` names; a list that becomes empty goes.
template <class Drop>
json::Value without(json::Value object, boost::json::string_view list, Drop drop) {
  json::Array& items = metadata(object)[list].get_array();
  items.erase(std::remove_if(items.begin(), items.end(), drop), items.end());
  if (items.empty()) metadata(object).erase(list);
  return object;
}

json::Value without_finalizer(const json::Value& object, std::string_view finalizer) {
  const json::Value name = view(finalizer);
  return without(object, "finalizers", [&](const json::Value& item) { return item == name; });
}

json::Value without_owner(const json::Value& object, const std::string& uid) {
  return without(object, "ownerReferences",
                 [&](const json::Value& owner) { return json::text_at(owner, "uid") == uid; });
}

// Whether one of its owner references to `uid` says that the owner waits for it.
bool blocks(const json::Value& object, const std::string& uid) {
  const json::Value* owners = json::find(object, "metadata", "ownerReferences");
  return owners && owners->is_array() &&
         std::ranges::any_of(owners->get_array(), [&](const json::Value& owner) {
           return json::text_at(owner, "uid") == uid &&
                  json::bool_at(owner, "blockOwnerDeletion").value_or(false);
         });
}

}  // namespace

Result<json::Value> Removal::remove(const ObjectId& id, const kube::RemoveOptions& options) {
  const Stored object = store_.find(id);
  if (!object) return std::unexpected(not_found(kinds[id.kind], id.key));
  TRY_VOID(check(id, *object, options));
  const std::string uid = uid_of(*object);
  if (options.propagation == kube::Propagation::orphan) disown(uid, store_.dependents(uid));
  mark(id, *object, options.propagation);
  const Stored marked = store_.find(id);
  if (marked && !has_finalizers(*marked)) erase(id);
  return marked ? *marked : *object;
}

Result<void> Removal::check(const ObjectId& id, const json::Value& object,
                            const kube::RemoveOptions& options) const {
  if (id.kind == namespace_kind && id.key.name == default_namespace) {
    return fail(Code::denied,
                fmt::format("namespaces \"{}\" is forbidden: this namespace may not be deleted",
                            default_namespace));
  }
  const std::string version = std::to_string(version_of(object));
  if (!options.uid.empty() && options.uid != uid_of(object)) {
    return std::unexpected(other_uid(kinds[id.kind], id.key, options.uid, uid_of(object)));
  }
  if (!options.resource_version.empty() && options.resource_version != version) {
    return std::unexpected(
        other_version(kinds[id.kind], id.key, options.resource_version, version));
  }
  return {};
}

// Marks an object that something holds as terminating; what it owned may have to go first.
void Removal::mark(const ObjectId& id, const json::Value& object, kube::Propagation propagation) {
  const std::string uid = uid_of(object);
  const std::vector<ObjectId> dependents = store_.dependents(uid);
  const bool waits = propagation == kube::Propagation::foreground && !dependents.empty();
  if (is_terminating(object) || !(waits || has_finalizers(object))) return;
  json::Value after = as_terminating(object, clock_.now());
  if (waits) {
    json::Value& finalizers = metadata(after)["finalizers"];
    if (!finalizers.is_array()) finalizers = json::Array{};
    finalizers.get_array().push_back(view(foreground_finalizer));
  }
  // It was stored before and is hardly larger now; what does not fit any more stays as it is.
  if (!store_.put(id, std::move(after)) || !waits) return;
  for (const ObjectId& dependent : dependents) collect(dependent);
  release_owner(uid);
}

void Removal::collect_orphans() {
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    for (const Stored& object : store_.list(kind, "")) collect({kind, kube::key_of(*object)});
  }
}

// What follows is done from a queue: an owner's owner's owner is no deeper a stack.
void Removal::erase(const ObjectId& id) {
  erased_.emplace_back(id, store_.find(id));
  store_.erase(id);
  if (!settling_) settle();
}

void Removal::settle() {
  settling_ = true;
  while (!erased_.empty()) {
    const auto [id, object] = std::move(erased_.front());
    erased_.pop_front();
    gone(*object, id);
  }
  settling_ = false;
}

void Removal::gone(const json::Value& object, const ObjectId& id) {
  const std::string uid = uid_of(object);
  for (const ObjectId& dependent : store_.dependents(uid)) collect(dependent);
  disown(uid, store_.dependents(uid));
  for (const std::string& owner : owner_uids(object)) release_owner(owner);
  if (id.kind != namespace_kind) return;
  for (const ObjectId& inner : store_.in_namespace(id.key.name)) (void)remove(inner, {});
}

// Takes an owner that is no more, or that lets go, out of what stays.
void Removal::disown(const std::string& owner_uid, const std::vector<ObjectId>& dependents) {
  for (const ObjectId& id : dependents) {
    const Stored object = store_.find(id);
    if (object && !is_terminating(*object)) (void)store_.put(id, without_owner(*object, owner_uid));
  }
}

// An owner that waits for the objects it owned goes after the last of them.
void Removal::release_owner(const std::string& owner_uid) {
  const auto id = store_.find_uid(owner_uid);
  if (!id) return;
  const Stored owner = store_.find(*id);
  if (!waits_for_dependents(*owner) || is_blocked(owner_uid)) return;
  json::Value released = without_finalizer(*owner, foreground_finalizer);
  if (!has_finalizers(released)) return erase(*id);
  (void)store_.put(*id, std::move(released));  // smaller than it was
}

void Removal::collect(const ObjectId& id) {
  const Stored object = store_.find(id);
  if (!object) return;
  const std::vector<std::string> owners = owner_uids(*object);
  if (owners.empty()) return;
  if (std::ranges::any_of(owners, [this](const std::string& uid) { return keeps(uid); })) return;
  const bool wanted = std::ranges::any_of(owners, [this](const std::string& uid) {
    return store_.has_uid(uid);  // it waits
  });
  (void)remove(
      id, {.propagation = wanted ? kube::Propagation::foreground : kube::Propagation::background});
}

bool Removal::is_blocked(const std::string& owner_uid) const {
  return std::ranges::any_of(store_.dependents(owner_uid), [&](const ObjectId& id) {
    return blocks(*store_.find(id), owner_uid);
  });
}

// Whether an owner is there and does not wait for what it owns to go.
bool Removal::keeps(const std::string& owner_uid) const {
  const auto id = store_.find_uid(owner_uid);
  return id && !waits_for_dependents(*store_.find(*id));
}

}  // namespace cluster
