#pragma once

// Deployments and the pods they ask for, as plain values. Source: Kubernetes API 1.36.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "json/json.h"
#include "kube/meta.h"

namespace kube {

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
  std::string reason;  // waiting and terminated: "CrashLoopBackOff", "Error", "Completed"
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
// A whole Pod object without its status, as it is created.
json::Value to_json(const Pod& pod);

// The value of a downward-API field path of `pod`: metadata.name, metadata.namespace, metadata.uid,
// metadata.labels['x'], metadata.annotations['x'], spec.nodeName ("localhost"),
// spec.serviceAccountName ("default"), status.hostIP, status.podIP.
// Errors: invalid for another path. A label or annotation that is missing is empty.
Result<std::string> field_value(const Pod& pod, std::string_view field_path);

}  // namespace kube
