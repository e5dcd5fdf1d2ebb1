#pragma once

// What every object carries: its metadata and its conditions. Source: Kubernetes API 1.36.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "json/json.h"
#include "kube/client.h"

namespace kube {

using TextMap = std::map<std::string, std::string>;

struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  bool controller = false;
  bool operator==(const OwnerReference&) const = default;
};

struct ObjectMeta {
  std::string name;
  std::string generate_name;
  std::string ns;
  std::string uid;
  std::string resource_version;
  std::int64_t generation = 0;
  std::optional<Timestamp> created;  // creationTimestamp
  std::optional<Timestamp> deleted;  // deletionTimestamp: it goes once `finalizers` is empty
  TextMap labels;
  TextMap annotations;
  std::vector<OwnerReference> owners;
  std::vector<std::string> finalizers;

  Key key() const { return {ns, name}; }
  bool operator==(const ObjectMeta&) const = default;
};

// ObjectMeta of any object. Errors: invalid, with the field's path.
Result<ObjectMeta> meta_from_json(const json::Value& object);
// The value of "metadata"; empty members are left out.
json::Object to_json(const ObjectMeta& meta);
// The namespace and name of any object; empty texts where they are missing.
Key key_of(const json::Value& object);
// An owner reference to `owner`, which must carry a uid, with controller set.
OwnerReference owner_reference(const Resource& resource, const ObjectMeta& owner);

// One entry of status.conditions.
struct Condition {
  std::string type;
  std::string status;  // "True", "False", "Unknown"
  std::string reason;
  std::string message;
  std::optional<Timestamp> since;  // lastTransitionTime: when `status` last changed
  bool operator==(const Condition&) const = default;
};

json::Array to_json(const std::vector<Condition>& conditions);
// The condition of `type`, or nullptr.
const Condition* find_condition(const std::vector<Condition>& conditions, std::string_view type);
// Replaces the condition of the same type, or appends it.
void put_condition(std::vector<Condition>& conditions, Condition condition);

}  // namespace kube
