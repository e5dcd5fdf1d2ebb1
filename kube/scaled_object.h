#pragma once

// KEDA's ScaledObject (keda.sh/v1alpha1), as a plain value. Optionals are what the manifest did not
// state; the functions below them give KEDA's defaults. Source: KEDA 2.21.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "json/json.h"
#include "kube/meta.h"

namespace kube {

struct ScaleTargetRef {
  std::string api_version = "apps/v1";
  std::string kind = "Deployment";
  std::string name;
  std::string env_source_container;
  bool operator==(const ScaleTargetRef&) const = default;
};

struct Fallback {
  std::int32_t failure_threshold = 0;
  std::int32_t replicas = 0;
  std::string behavior = "static";
  bool operator==(const Fallback&) const = default;
};

// autoscaling/v2's rules of one direction.
struct ScalingPolicy {
  std::string type;  // "Pods", "Percent"
  std::int32_t value = 0;
  Duration period{};
  bool operator==(const ScalingPolicy&) const = default;
};

struct ScalingRules {
  std::optional<Duration> stabilization_window;
  std::optional<std::string> select_policy;  // "Max", "Min", "Disabled"
  std::vector<ScalingPolicy> policies;
  std::optional<double> tolerance;
  bool operator==(const ScalingRules&) const = default;
};

struct ScalingBehavior {
  std::optional<ScalingRules> scale_up;
  std::optional<ScalingRules> scale_down;
  bool operator==(const ScalingBehavior&) const = default;
};

struct ScalingModifiers {
  std::string formula;
  std::string target;
  std::string activation_target;
  std::string metric_type;

  // KEDA's "is using modifiers": any of the four is stated.
  bool used() const { return *this != ScalingModifiers{}; }
  bool operator==(const ScalingModifiers&) const = default;
};

struct Advanced {
  bool restore_to_original_replica_count = false;
  std::string hpa_name;
  std::optional<ScalingBehavior> behavior;
  ScalingModifiers scaling_modifiers;
  bool operator==(const Advanced&) const = default;
};

struct AuthenticationRef {
  std::string name;
  std::string kind = "TriggerAuthentication";
  bool operator==(const AuthenticationRef&) const = default;
};

struct Trigger {
  std::string type;
  std::string name;
  TextMap metadata;
  std::optional<AuthenticationRef> authentication;
  bool use_cached_metrics = false;
  std::string metric_type;  // empty: not stated
  bool operator==(const Trigger&) const = default;
};

struct ScaledObjectSpec {
  ScaleTargetRef target;
  std::optional<Duration> polling_interval;
  std::optional<Duration> cooldown_period;
  std::optional<Duration> initial_cooldown_period;
  std::optional<std::int32_t> idle_replica_count;
  std::optional<std::int32_t> min_replica_count;
  std::optional<std::int32_t> max_replica_count;
  std::optional<Fallback> fallback;
  Advanced advanced;
  std::vector<Trigger> triggers;

  Duration polling() const { return polling_interval.value_or(std::chrono::seconds(30)); }
  Duration cooldown() const { return cooldown_period.value_or(std::chrono::seconds(300)); }
  Duration initial_cooldown() const { return initial_cooldown_period.value_or(Duration{}); }
  std::int32_t min_replicas() const { return min_replica_count.value_or(0); }
  std::int32_t max_replicas() const { return max_replica_count.value_or(100); }

  bool operator==(const ScaledObjectSpec&) const = default;
};

struct ScaleTargetGvkr {
  std::string group;
  std::string version;
  std::string kind;
  std::string resource;
  bool operator==(const ScaleTargetGvkr&) const = default;
};

struct TriggerHealth {
  std::int32_t failures = 0;  // numberOfFailures
  std::string status;         // "Happy", "Failing"
  bool operator==(const TriggerHealth&) const = default;
};

struct ScaledObjectStatus {
  std::string scale_target_kind;  // "apps/v1.Deployment"
  std::optional<ScaleTargetGvkr> scale_target;
  std::optional<std::int32_t> original_replica_count;
  std::optional<Timestamp> last_active_time;
  std::vector<std::string> external_metric_names;
  std::vector<std::string> resource_metric_names;
  std::vector<Condition> conditions;
  std::map<std::string, TriggerHealth> health;
  std::map<std::string, bool> triggers_activity;  // metric name -> isActive
  std::optional<std::int32_t> paused_replica_count;
  std::string hpa_name;
  std::string triggers_types;
  std::string authentications_types;
  bool operator==(const ScaledObjectStatus&) const = default;
};

struct ScaledObject {
  ObjectMeta meta;
  ScaledObjectSpec spec;
  ScaledObjectStatus status;
};

// Errors: invalid, with the field's path.
Result<ScaledObject> scaled_object_from_json(const json::Value& object);
// Members that are empty or not set are left out, so a merge patch of it never removes anything.
json::Object to_json(const ScaledObjectStatus& status);

}  // namespace kube
