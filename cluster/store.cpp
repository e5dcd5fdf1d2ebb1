#include "cluster/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/check.h"
#include "cluster/admission.h"

namespace cluster {
namespace {

constexpr std::string_view version_key = "cluster/resourceVersion";
// Writes that a killed process did not get to disk had versions too; a jump keeps them from being
// given again.
constexpr std::uint64_t version_jump = 100'000;

std::string resource_name(const kube::Resource& resource) {
  if (resource.group.empty()) return std::string(resource.plural);
  return fmt::format("{}.{}", resource.plural, resource.group);
}

std::string journal_key(const ObjectId& id) {
  return fmt::format("{}/{}/{}", resource_name(kinds[id.kind].resource), id.key.ns, id.key.name);
}

Result<ObjectId> parse_journal_key(std::string_view text) {
  const std::size_t first = text.find('/');
  const std::size_t second = text.find('/', first + 1);
  if (first != std::string_view::npos && second != std::string_view::npos) {
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      if (resource_name(kinds[i].resource) != text.substr(0, first)) continue;
      return ObjectId{i,
                      {.ns = std::string(text.substr(first + 1, second - first - 1)),
                       .name = std::string(text.substr(second + 1))}};
    }
  }
  return fail(Code::bad_data, "unknown kind of object");
}

std::uint64_t parse_version(std::string_view text) {
  std::uint64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  return error == std::errc{} && end == text.data() + text.size() ? version : 0;
}

std::string meta_text(const json::Value& object, std::string_view key) {
  const json::Value* meta = json::find(object, "metadata");
  return meta == nullptr ? std::string{} : json::text_at(*meta, key).value_or("");
}

template <class Map>
void drop(Map& sets, const typename Map::key_type& key, const ObjectId& id) {
  const auto found = sets.find(key);
  if (found == sets.end()) return;
  found->second.erase(id);
  if (found->second.empty()) sets.erase(found);
}

void set_version(json::Value& object, std::uint64_t version) {
  metadata(object)["resourceVersion"] = boost::json::string(std::to_string(version));
}

}  // namespace

Store::Store(storage::Journal* journal, Limits limits) : journal_(journal), limits_(limits) {
  for (auto& history : histories_) history = std::make_shared<History>(limits_.history_max, 0);
}

Result<void> Store::load() {
  if (journal_ == nullptr) return {};
  TRY(const auto state, journal_->load(storage::Table::state));
  for (const auto& [key, value] : state) {
    if (key == version_key) version_ = parse_version(value);
  }
  TRY(const auto objects, journal_->load(storage::Table::objects));
  for (const auto& [key, text] : objects) {
    if (auto done = load_object(key, text); !done) return fail("object " + key, done.error());
  }
  if (version_ > 0) remember(version_ + version_jump);
  for (auto& history : histories_) {
    history = std::make_shared<History>(limits_.history_max, version_);
  }
  return {};
}

Result<void> Store::load_object(std::string_view key, std::string_view text) {
  TRY(ObjectId id, parse_journal_key(key));
  auto object = json::parse(text);
  if (!object) return fail(Code::bad_data, object.error().what);
  if (uid_of(*object).empty()) return fail(Code::bad_data, "metadata.uid is missing");
  const std::uint64_t version = version_of(*object);
  version_ = std::max(version_, version);
  index(id, *object);
  objects_[id.kind][id.key] = {std::make_shared<const json::Value>(*std::move(object)), version};
  return {};
}

Stored Store::find(const ObjectId& id) const {
  const auto found = objects_[id.kind].find(id.key);
  return found == objects_[id.kind].end() ? nullptr : found->second.object;
}

std::optional<ObjectId> Store::find_uid(const std::string& uid) const {
  const auto found = ids_.find(uid);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::vector<Stored> Store::list(std::size_t kind, const std::string& ns,
                                const kube::Key& after) const {
  const auto& objects = objects_[kind];
  std::vector<Stored> all;
  for (auto it = objects.upper_bound(std::max(after, kube::Key{ns, ""})); it != objects.end();
       ++it) {
    if (!ns.empty() && it->first.ns != ns) break;
    all.push_back(it->second.object);
  }
  return all;
}

std::vector<ObjectId> Store::dependents(const std::string& uid) const {
  const auto found = dependents_.find(uid);
  if (found == dependents_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::vector<ObjectId> Store::scalers_of(const std::string& ns, const std::string& target) const {
  const auto found = scalers_.find({ns, target});
  if (found == scalers_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::vector<ObjectId> Store::in_namespace(const std::string& ns) const {
  std::vector<ObjectId> all;
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    for (auto it = objects_[kind].lower_bound({ns, ""});
         it != objects_[kind].end() && it->first.ns == ns; ++it) {
      all.push_back({kind, it->first});
    }
  }
  return all;
}

ObjectId Store::oldest(std::size_t kind) const {
  const auto& objects = objects_[kind];
  CHECK(!objects.empty());
  const auto found =
      std::ranges::min_element(objects, {}, [](const auto& entry) { return entry.second.version; });
  return {kind, found->first};
}

Result<Stored> Store::put(const ObjectId& id, json::Value object) {
  const Stored before = find(id);
  if (!before && size() >= limits_.objects_max) {
    return fail(Code::exhausted, fmt::format("too many objects, limit {}", limits_.objects_max));
  }
  const std::uint64_t version = version_ + 1;
  set_version(object, version);
  std::string text = json::print(object);
  if (text.size() > limits_.object_bytes_max) {
    return fail(Code::exhausted, fmt::format("object of {} bytes is too large, limit {}",
                                             text.size(), limits_.object_bytes_max));
  }
  remember(version);
  if (before) unindex(id, *before);
  index(id, object);
  const auto stored = std::make_shared<const json::Value>(std::move(object));
  objects_[id.kind][id.key] = {stored, version};
  if (journal_) journal_->put(storage::Table::objects, journal_key(id), std::move(text));
  using Type = kube::WatchEvent::Type;
  histories_[id.kind]->add({before ? Type::modified : Type::added, version, stored});
  return stored;
}

void Store::erase(const ObjectId& id) {
  const Stored before = find(id);
  CHECK(before != nullptr);
  unindex(id, *before);
  objects_[id.kind].erase(id.key);
  remember(version_ + 1);
  if (journal_) journal_->put(storage::Table::objects, journal_key(id), std::nullopt);
  json::Value last = *before;
  set_version(last, version_);
  histories_[id.kind]->add({kube::WatchEvent::Type::removed, version_,
                            std::make_shared<const json::Value>(std::move(last))});
}

void Store::index(const ObjectId& id, const json::Value& object) {
  ids_[uid_of(object)] = id;
  for (const std::string& owner : owner_uids(object)) dependents_[owner].insert(id);
  if (kinds[id.kind].resource == kube::scaled_objects) {
    scalers_[{id.key.ns, scale_target(object)}].insert(id);
  }
}

void Store::unindex(const ObjectId& id, const json::Value& object) {
  ids_.erase(uid_of(object));
  for (const std::string& owner : owner_uids(object)) drop(dependents_, owner, id);
  if (kinds[id.kind].resource == kube::scaled_objects) {
    drop(scalers_, kube::Key{id.key.ns, scale_target(object)}, id);
  }
}

void Store::remember(std::uint64_t version) {
  version_ = version;
  if (!journal_) return;
  journal_->put(storage::Table::state, std::string(version_key), std::to_string(version));
}

std::vector<std::string> owner_uids(const json::Value& object) {
  std::vector<std::string> uids;
  const json::Value* owners = json::find(object, "metadata", "ownerReferences");
  if (owners == nullptr || !owners->is_array()) return uids;
  for (const json::Value& owner : owners->get_array()) {
    if (auto uid = json::text_at(owner, "uid")) uids.push_back(*std::move(uid));
  }
  return uids;
}

std::string uid_of(const json::Value& object) {
  return meta_text(object, "uid");
}

std::uint64_t version_of(const json::Value& object) {
  return parse_version(meta_text(object, "resourceVersion"));
}

json::Object& metadata(json::Value& object) {
  json::Value& meta = object.get_object()["metadata"];
  if (!meta.is_object()) meta = json::Object{};
  return meta.get_object();
}

}  // namespace cluster
