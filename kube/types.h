#pragma once

// The kinds of objects we work with, as plain values. from_json names the field that is wrong:
// "spec.triggers[0].metadata.targetValue: want a string, got a number". Unknown fields are skipped here;
// kube/schema.h finds them. Source: Kubernetes API 1.36, KEDA 2.21.

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
  bool operator==(const Condition&) const = default;
};

json::Array to_json(const std::vector<Condition>& conditions);
// The condition of `type`, or nullptr.
const Condition* find_condition(const std::vector<Condition>& conditions, std::string_view type);
// Replaces the condition of the same type, or appends it.
void put_condition(std::vector<Condition>& conditions, Condition condition);

// One environment variable: a value, or a reference to a field of the pod.
struct EnvVar {
  std::string name;
  std::string value;
  std::string field_path;  // downward API, e.g. "metadata.labels['app']"; empty: `value` counts
  bool operator==(const EnvVar&) const = default;
};

struct Container {
  std::string name;
  std::string image;
  std::vector<std::string> command;
  std::vector<std::string> args;
  std::vector<EnvVar> env;
  std::string working_dir;
  bool operator==(const Container&) const = default;
};

struct PodSpec {
  std::vector<Container> containers;
  Duration termination_grace = std::chrono::seconds(30);  // terminationGracePeriodSeconds
  std::string restart_policy = "Always";
  bool operator==(const PodSpec&) const = default;
};

struct PodTemplate {
  TextMap labels;
  TextMap annotations;
  PodSpec spec;
  bool operator==(const PodTemplate&) const = default;
};

struct DeploymentStatus {
  std::int64_t observed_generation = 0;
  std::int32_t replicas = 0;
  std::int32_t updated_replicas = 0;
  std::int32_t ready_replicas = 0;
  std::int32_t available_replicas = 0;
  std::int32_t unavailable_replicas = 0;
  std::vector<Condition> conditions;
  bool operator==(const DeploymentStatus&) const = default;
};

struct Deployment {
  ObjectMeta meta;
  std::int32_t replicas = 1;
  bool paused = false;
  TextMap selector;  // spec.selector.matchLabels
  PodTemplate pod_template;
  DeploymentStatus status;
};

// Errors: invalid, with the field's path.
Result<Deployment> deployment_from_json(const json::Value& object);
json::Object to_json(const DeploymentStatus& status);

// The one container that runs here, as status.containerStatuses[0] shows it.
struct ContainerStatus {
  enum class State : std::uint8_t { waiting, running, terminated };
  std::string name;
  State state = State::waiting;
  std::string reason;   // waiting and terminated: "CrashLoopBackOff", "Error", "Completed"
  std::string message;
  std::int32_t exit_code = 0;  // terminated
  std::optional<Timestamp> started;
  std::optional<Timestamp> finished;
  bool ready = false;
  std::int32_t restarts = 0;
  bool operator==(const ContainerStatus&) const = default;
};

struct PodStatus {
  std::string phase = "Pending";  // "Pending", "Running", "Succeeded", "Failed"
  std::string reason;
  std::string message;
  std::string pod_ip;
  std::string host_ip;
  std::optional<Timestamp> started;  // startTime
  std::vector<Condition> conditions;
  std::vector<ContainerStatus> containers;
  bool operator==(const PodStatus&) const = default;
};

struct Pod {
  ObjectMeta meta;
  PodSpec spec;
  PodStatus status;
};

// Errors: invalid, with the field's path.
Result<Pod> pod_from_json(const json::Value& object);
json::Object to_json(const PodSpec& spec);
json::Object to_json(const PodStatus& status);
// A whole Pod object, as it is created.
json::Value to_json(const Pod& pod);

// The value of a downward-API field path of `pod`: metadata.name, metadata.namespace, metadata.uid,
// metadata.labels['x'], metadata.annotations['x'], spec.nodeName, spec.serviceAccountName, status.hostIP, status.podIP.
// Errors: invalid for another path. A label or annotation that is missing is empty.
Result<std::string> field_value(const Pod& pod, std::string_view field_path);

}  // namespace kube
