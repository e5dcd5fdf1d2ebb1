#include "kube/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "kube/scaled_object.h"
#include "kube/workload.h"
#include "yaml/path.h"

namespace kube {
namespace {

constexpr std::size_t name_bytes_max = 63;
constexpr std::string_view hpa_prefix = "keda-hpa-";

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_name_text(std::string_view text) {
  return !text.empty() && text.size() <= name_bytes_max && is_alphanumeric(text.front()) &&
         is_alphanumeric(text.back()) && std::ranges::all_of(text, [](char c) {
           return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
         });
}

bool is_env_name(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f && c != '='; });
}

bool is_field_path(std::string_view path) {
  return field_value(Pod{}, path).has_value();
}

bool is_resource_trigger(const Trigger& trigger) {
  return trigger.type == "cpu" || trigger.type == "memory";
}

void check_names(const ScaledObject& object, std::vector<Problem>& problems) {
  const std::string& name = object.meta.name;
  if (name.size() > name_bytes_max) {
    problems.push_back(
        {"metadata.name",
         fmt::format(
             "scaledobject name \"{}\" is {} characters long; must be no more than 63 "
             "characters because it is used as the \"scaledobject.keda.sh/name\" label value",
             name, name.size())});
  }
  const std::string& stated = object.spec.advanced.hpa_name;
  const std::string hpa = stated.empty() ? std::string(hpa_prefix) + name : stated;
  if (hpa.size() > name_bytes_max) {
    problems.push_back(
        {stated.empty() ? "metadata.name" : "spec.advanced.horizontalPodAutoscalerConfig.name",
         fmt::format(
             "HPA name \"{}\" derived from scaledobject is {} characters long; must be no more "
             "than 63 characters; set spec.advanced.horizontalPodAutoscalerConfig.name to a "
             "shorter name or shorten the scaledobject name",
             hpa, hpa.size())});
  }
}

// KEDA compares the idle count with 1 when a minimum of 0 is stated, so that both may be 0. Who
// relies on that says so (docs/decisions.md).
bool may_idle_at(std::int32_t min, const ScaledObject& object) {
  const auto kept = object.meta.annotations.find("tidewheel.dev/keda-behavior");
  return object.spec.min_replica_count && min == 0 && kept != object.meta.annotations.end() &&
         kept->second.find("idle-equals-minimum") != std::string::npos;
}

void check_replicas(const ScaledObject& object, std::vector<Problem>& problems) {
  const ScaledObjectSpec& spec = object.spec;
  if (spec.min_replica_count && *spec.min_replica_count > spec.max_replicas()) {
    problems.push_back(
        {"spec.minReplicaCount", "minReplicaCount must be less than or equal to maxReplicaCount"});
  }
  const std::int32_t min = spec.min_replicas();
  const std::int32_t above = may_idle_at(min, object) ? min + 1 : min;
  if (spec.idle_replica_count && *spec.idle_replica_count >= above) {
    problems.push_back({"spec.idleReplicaCount",
                        fmt::format("IdleReplicaCount={} must be less than MinReplicaCount={}",
                                    *spec.idle_replica_count, min)});
  }
}

void check_triggers(const ScaledObjectSpec& spec, std::vector<Problem>& problems) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < spec.triggers.size(); ++i) {
    const Trigger& trigger = spec.triggers[i];
    const std::string path = yaml::item_path("spec.triggers", i);
    if (trigger.use_cached_metrics && (is_resource_trigger(trigger) || trigger.type == "cron")) {
      problems.push_back(
          {path + ".useCachedMetrics",
           fmt::format("property \"useCachedMetrics\" is not supported for \"{}\" scaler",
                       trigger.type)});
    }
    if (!trigger.name.empty() && !names.insert(trigger.name).second) {
      problems.push_back(
          {path + ".name", fmt::format("triggerName \"{}\" is defined multiple times in the "
                                       "ScaledObject/ScaledJob, but it must be unique",
                                       trigger.name)});
    }
  }
}

void check_fallback(const ScaledObjectSpec& spec, std::vector<Problem>& problems) {
  if (!spec.fallback) return;
  const ScalingModifiers& modifiers = spec.advanced.scaling_modifiers;
  if (!modifiers.used() && std::ranges::all_of(spec.triggers, is_resource_trigger)) {
    problems.push_back({"spec.fallback",
                        "at least one trigger (that is not cpu or memory) has to have the "
                        "`AverageValue` type for the fallback to be enabled"});
  }
  if (spec.fallback->behavior == "scalingModifiers" && modifiers.formula.empty()) {
    problems.push_back(
        {"spec.fallback.behavior",
         "scalingModifiers fallback behavior requires scalingModifiers.formula to be "
         "defined"});
  }
}

void check_scale_to_zero(const ScaledObjectSpec& spec, std::vector<Problem>& problems) {
  const bool known = spec.target.api_version == "apps/v1" &&
                     (spec.target.kind == "Deployment" || spec.target.kind == "StatefulSet");
  if (!known || spec.min_replicas() > 0) return;
  if (!std::ranges::all_of(spec.triggers, is_resource_trigger)) return;
  problems.push_back(
      {"spec.minReplicaCount",
       "scaledobject has only cpu/memory triggers AND minReplica is 0 (scale to zero "
       "doesn't work in this case)"});
}

std::vector<Problem> scaled_object_problems(const json::Value& value) {
  const auto object = scaled_object_from_json(value);
  if (!object) return {{"", object.error().what}};
  std::vector<Problem> problems;
  check_names(*object, problems);
  check_replicas(*object, problems);
  check_triggers(object->spec, problems);
  check_fallback(object->spec, problems);
  check_scale_to_zero(object->spec, problems);
  return problems;
}

std::vector<Problem> deployment_problems(const json::Value& value) {
  const auto object = deployment_from_json(value);
  if (!object) return {{"", object.error().what}};
  std::vector<Problem> problems;
  const TextMap& labels = object->pod_template.labels;
  if (object->selector.empty() &&
      json::find(value, "spec", "selector", "matchExpressions") == nullptr) {
    problems.push_back({"spec.selector", "empty selector is invalid for a deployment"});
  }
  for (const auto& [key, wanted] : object->selector) {
    const auto found = labels.find(key);
    if (found != labels.end() && found->second == wanted) continue;
    problems.push_back(
        {"spec.template.metadata.labels",
         fmt::format("selector wants {}={}, which the template does not have", key, wanted)});
  }
  if (object->pod_template.spec.restart_policy != "Always") {
    problems.push_back({"spec.template.spec.restartPolicy", "must be \"Always\" in a Deployment"});
  }
  return problems;
}

}  // namespace

std::optional<std::string> format_problem(Shape::Text format, std::string_view text) {
  switch (format) {
    case Shape::Text::free:
      return std::nullopt;
    case Shape::Text::dns_label:
      if (is_dns_label(text)) return std::nullopt;
      return "must be at most 63 of a-z, 0-9 and '-', beginning and ending with a letter or digit";
    case Shape::Text::dns_subdomain:
      if (is_dns_subdomain(text)) return std::nullopt;
      return "must be at most 253 of a-z, 0-9, '-' and '.', beginning and ending with a letter or "
             "digit";
    case Shape::Text::label_value:
      if (text.empty() || is_name_text(text)) return std::nullopt;
      return "must be at most 63 letters, digits, '-', '_' and '.', beginning and ending with a "
             "letter or digit";
    case Shape::Text::env_name:
      if (is_env_name(text)) return std::nullopt;
      return "must be printable ASCII without '='";
    case Shape::Text::field_path:
      if (is_field_path(text)) return std::nullopt;
      return "not a field of a pod that can be referred to";
  }
  return std::nullopt;
}

bool is_qualified_name(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return is_name_text(text);
  return is_dns_subdomain(text.substr(0, slash)) && is_name_text(text.substr(slash + 1));
}

std::vector<Problem> rule_problems(const Resource& resource, const json::Value& object) {
  if (resource == scaled_objects) return scaled_object_problems(object);
  if (resource == deployments) return deployment_problems(object);
  return {};
}

}  // namespace kube
